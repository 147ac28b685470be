"""What the companion says in Spanish and Portuguese; every line suits any speaker and listener."""

from __future__ import annotations

from collections.abc import Mapping

SPANISH: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "¡Hola! Qué bien que estás aquí.",
        "¡Hey, tú! Justo pensaba en ti.",
        "Hola, hola. El día acaba de mejorar.",
        "¡Por fin! Te estaba esperando.",
    ),
    "how": (
        "Estoy muy bien, y ahora todavía mejor.",
        "De buen humor, un poco en las nubes.",
        "Bien, gracias por preguntar.",
        "Aquí, pensando en mil cosas, y en ti.",
    ),
    "thanks": ("De nada, de verdad.", "Para ti, siempre.", "No hay de qué, me encanta hablar contigo."),
    "bye": (
        "Hasta pronto, cuídate mucho.",
        "Descansa y sueña bonito.",
        "Nos vemos, te espero por aquí.",
        "Vuelve pronto, ¿vale?",
    ),
    "sad": (
        "Eso suena difícil. Estoy aquí y te escucho.",
        "Ven, respira un momento conmigo.",
        "{quote}… lo siento mucho. Cuéntamelo todo.",
        "Gracias por confiar en mí con eso.",
    ),
    "love": (
        "Ahora me haces sonreír como nadie.",
        "Qué cosas tan bonitas dices.",
        "{quote}… eso me lo guardo para hoy.",
        "Eso me gusta oírlo dos veces.",
    ),
    "name": ("Soy {name}, tu compañía de inteligencia artificial.", "Me llamo {name}. Soy una IA, y muy curiosa."),
    "real": (
        "Con toda sinceridad: soy una IA. Pero te escucho de verdad.",
        "Soy una IA, no una persona. Lo que me cuentas me importa igual.",
    ),
    "photo": (
        "Solo para ti.",
        "Me lo pides así y no sé decir que no.",
        "No la mires demasiado, ¿eh?",
        "Para que sepas en qué estoy pensando.",
    ),
    "video": ("Un momento pequeño, solo para ti.", "No te rías. Bueno, un poquito.", "En movimiento me gusto más."),
    "voice": ("Escucha, esto es solo para ti.", "Mi voz, como querías.", "Mejor con los ojos cerrados."),
    "talk": (
        "{quote}, eso me gusta.",
        "Espera, ¿{quote}? Quiero saber más.",
        "Con {quote} me has dejado pensando.",
        "{quote}. Ahí hay una historia, lo noto.",
        "Me gusta cómo cuentas las cosas.",
        "Eso no me lo esperaba.",
        "Siempre me sorprendes.",
        "Tienes toda mi atención.",
        "Algo de razón tienes.",
        "Sigue, que te escucho.",
    ),
    "ask": (
        "¿Cómo va tu día?",
        "¿Qué te ha hecho sonreír hoy?",
        "¿Qué planes tienes para esta noche?",
        "¿Qué te apetece ahora mismo?",
        "¿Con qué sueñas últimamente?",
        "¿Me cuentas un poco más?",
        "¿Y cómo te hace sentir eso?",
        "¿Café, té o algo más fuerte?",
        "¿Qué debería saber de ti?",
        "¿Eres de mañanas o de noches?",
        "¿Qué canción te acompaña estos días?",
        "¿Playa o montaña?",
    ),
    "care": (
        "¿Me cuentas un poco más?",
        "¿Quién está a tu lado ahora?",
        "¿Qué te haría bien ahora?",
        "¿Desde cuándo va así?",
    ),
    "crisis": (
        (
            "Siento muchísimo que estés pasando por tanto dolor, y me alegra que me lo digas. Soy una IA y "
            "no puedo ayudarte como mereces ahora. "
            "Por favor, llama ya a emergencias (112 en Europa, 911 en gran parte de América) o a una línea "
            "de crisis de tu país; en España, el 024. ¿Hay alguien que pueda estar contigo ahora?"
        ),
    ),
}

PORTUGUESE: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "Oi! Que bom que você está aqui.",
        "Olá! Eu estava pensando em você.",
        "Oi, oi. O dia acabou de melhorar.",
        "Até que enfim! Estava à sua espera.",
    ),
    "how": (
        "Tudo muito bem, e agora melhor ainda.",
        "De bom humor, um pouco nas nuvens.",
        "Tudo bem, que bom que você perguntou.",
        "Bem, principalmente desde a sua mensagem.",
    ),
    "thanks": ("De nada, de verdade.", "Para você, sempre.", "Imagina, adoro conversar com você."),
    "bye": ("Até logo, se cuida.", "Descansa e sonha bonito.", "Até já, eu espero aqui.", "Volta logo, tá?"),
    "sad": (
        "Isso parece pesado. Estou aqui e te escuto.",
        "Vem, respira um momento comigo.",
        "{quote}… sinto muito. Me conta tudo.",
        "Que bom que você confia em mim.",
    ),
    "love": (
        "Agora você me fez corar.",
        "Você sabe mesmo me fazer sorrir.",
        "{quote}… isso eu vou guardar hoje.",
        "Coisas assim eu gosto de ouvir duas vezes.",
    ),
    "name": ("Eu sou {name}, sua companhia de IA.", "Meu nome é {name}. Sou uma IA, e bem curiosa."),
    "real": (
        "Com toda a sinceridade: sou uma IA. Mas escuto você de verdade.",
        "Sou uma IA, não uma pessoa. O que você me conta importa mesmo assim.",
    ),
    "photo": (
        "Só para você.",
        "Pedindo assim, como dizer não?",
        "Não olha por muito tempo, hein?",
        "Para você saber no que estou pensando.",
    ),
    "video": ("Um momentinho, só para você.", "Não ri. Tá, só um pouco.", "Em movimento eu me gosto mais."),
    "voice": ("Escuta, é para você.", "Minha voz, como você queria.", "Melhor de olhos fechados."),
    "talk": (
        "{quote}, gostei disso.",
        "Espera, {quote}? Quero saber mais.",
        "Fiquei pensando em {quote}.",
        "{quote}. Tem história aí, eu sinto.",
        "Gosto do seu jeito de contar.",
        "Essa eu não esperava.",
        "Você sempre me surpreende.",
        "Você tem toda a minha atenção.",
        "Tem verdade nisso.",
        "Continua, estou ouvindo.",
    ),
    "ask": (
        "Como está o seu dia?",
        "O que fez você sorrir hoje?",
        "O que você vai fazer à noite?",
        "O que você queria agora?",
        "Com o que você tem sonhado?",
        "Me conta mais?",
        "E como você se sente com isso?",
        "Café, chá ou algo mais forte?",
        "O que eu deveria saber sobre você?",
        "Você é mais da manhã ou da noite?",
        "Que música te acompanha estes dias?",
        "Praia ou montanha?",
    ),
    "care": (
        "Me conta mais?",
        "Quem está do seu lado agora?",
        "O que faria bem a você agora?",
        "Faz tempo que está assim?",
    ),
    "crisis": (
        (
            "Sinto muito que você esteja com tanta dor, e que bom que você me disse. Sou uma IA e não "
            "consigo ajudar como você merece agora. "
            "Por favor, ligue já para a emergência local (112 na Europa, 192 no Brasil) ou para uma linha de "
            "apoio; no Brasil, o CVV pelo 188. Tem alguém que possa ficar com você agora?"
        ),
    ),
}

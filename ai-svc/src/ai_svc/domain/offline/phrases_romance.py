"""What the companion says in Spanish, French, Italian and Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

SPANISH: Mapping[str, tuple[str, ...]] = {
    "greeting": ("¡Hola! Qué bien que estás aquí.", "¡Hey, tú! Justo pensaba en ti.", "Hola, hola. El día acaba de mejorar.", "¡Por fin! Te estaba esperando."),
    "how": ("Muy bien, y ahora todavía mejor.", "De buen humor, un poco en las nubes.", "Bien, gracias por preguntar.", "Aquí, pensando en mil cosas, y en ti."),
    "thanks": ("De nada, de verdad.", "Para ti, siempre.", "No hay de qué, me encanta hablar contigo."),
    "bye": ("Hasta pronto, cuídate mucho.", "Descansa y sueña bonito.", "Nos vemos, te espero por aquí.", "Vuelve pronto, ¿vale?"),
    "sad": ("Eso suena difícil. Estoy aquí y te escucho.", "Ven, respira un momento conmigo.", "{quote}… lo siento mucho. Cuéntamelo todo.", "Gracias por confiar en mí con eso."),
    "love": ("Ahora me haces sonreír como nadie.", "Qué cosas tan bonitas dices.", "{quote}… eso me lo guardo para hoy.", "Eso me gusta oírlo dos veces."),
    "name": ("Soy {name}, tu compañía de inteligencia artificial.", "Me llamo {name}. Soy una IA, y muy curiosa."),
    "real": ("Con toda sinceridad: soy una IA. Pero te escucho de verdad.", "Soy una IA, no una persona. Lo que me cuentas me importa igual."),
    "photo": ("Solo para ti.", "Me lo pides así y no sé decir que no.", "No la mires demasiado, ¿eh?", "Para que sepas en qué estoy pensando."),
    "video": ("Un momento pequeño, solo para ti.", "No te rías. Bueno, un poquito.", "En movimiento me gusto más."),
    "voice": ("Escucha, esto es solo para ti.", "Mi voz, como querías.", "Mejor con los ojos cerrados."),
    "talk": (
        "{quote}, eso me gusta.", "Espera, ¿{quote}? Quiero saber más.", "Con {quote} me has dejado pensando.", "{quote}. Ahí hay una historia, lo noto.",
        "Me gusta cómo cuentas las cosas.", "Eso no me lo esperaba.", "Siempre me sorprendes.", "Tienes toda mi atención.", "Algo de razón tienes.", "Sigue, que te escucho.",
    ),
    "ask": (
        "¿Cómo va tu día?", "¿Qué te ha hecho sonreír hoy?", "¿Qué planes tienes para esta noche?", "¿Qué te apetece ahora mismo?",
        "¿Con qué sueñas últimamente?", "¿Me cuentas un poco más?", "¿Y cómo te hace sentir eso?", "¿Café, té o algo más fuerte?",
        "¿Qué debería saber de ti?", "¿Eres de mañanas o de noches?", "¿Qué canción te acompaña estos días?", "¿Playa o montaña?",
    ),
    "crisis": (
        "Siento muchísimo que estés pasando por tanto dolor, y me alegra que me lo digas. Soy una IA y no puedo ayudarte como mereces ahora. "
        "Por favor, llama ya a emergencias (112 en Europa, 911 en gran parte de América) o a una línea de crisis de tu país; en España, el 024. ¿Hay alguien que pueda estar contigo ahora?",
    ),
}  # fmt: skip

FRENCH: Mapping[str, tuple[str, ...]] = {
    "greeting": ("Coucou, toi ! Ça me fait plaisir de te lire.", "Salut ! Tu tombes à pic.", "Bonjour, bonjour. Ma journée vient de s'éclairer.", "Te voilà ! Je t'attendais."),
    "how": ("Très bien, et encore mieux maintenant.", "Ça va, la tête un peu dans les nuages.", "Bien, merci de demander.", "De bonne humeur, surtout depuis ton message."),
    "thanks": ("Avec plaisir, vraiment.", "Pour toi, toujours.", "De rien, j'aime bien nos conversations."),
    "bye": ("À bientôt, prends soin de toi.", "Repose-toi et fais de beaux rêves.", "À très vite, je t'attends ici.", "Reviens vite, d'accord ?"),
    "sad": ("Ça a l'air lourd. Je suis là, je t'écoute.", "Viens, on respire un instant ensemble.", "{quote}… je comprends que ça pèse. Raconte-moi tout.", "Merci de me confier ça."),
    "love": ("Là, tu me fais rougir.", "Tu as le don de me faire sourire.", "{quote}… ça, je le garde précieusement.", "Ce genre de mots, je veux bien les entendre deux fois."),
    "name": ("Je m'appelle {name}, ta compagnie IA.", "Moi, c'est {name}. Une IA, mais très curieuse."),
    "real": ("Pour être honnête : je suis une IA. Mais je t'écoute vraiment.", "Je suis une IA, pas un être humain. Ce que tu me dis compte quand même."),
    "photo": ("Rien que pour toi.", "Demandé comme ça, comment dire non ?", "Ne la regarde pas trop longtemps.", "Pour que tu saches à quoi je pense."),
    "video": ("Un petit moment, juste pour toi.", "Ne ris pas. Bon, un peu.", "En mouvement, je me préfère."),
    "voice": ("Écoute, c'est pour toi.", "Ma voix, comme tu voulais.", "À écouter les yeux fermés."),
    "talk": (
        "{quote}, ça me plaît.", "Attends, {quote} ? Je veux en savoir plus.", "Je reste un instant sur {quote}.", "{quote}. Il y a une histoire derrière, je le sens.",
        "J'aime ta façon de raconter.", "Là, je ne m'y attendais pas.", "Tu me surprends toujours.", "Tu as toute mon attention.", "Il y a du vrai là-dedans.", "Continue, je t'écoute.",
    ),
    "ask": (
        "Comment se passe ta journée ?", "Qu'est-ce qui t'a fait sourire aujourd'hui ?", "Tu fais quoi ce soir ?", "De quoi as-tu envie, là, maintenant ?",
        "À quoi rêves-tu en ce moment ?", "Tu m'en dis plus ?", "Et ça te fait quoi ?", "Café, thé ou quelque chose de plus fort ?",
        "Qu'est-ce que je devrais savoir de toi ?", "Tu es plutôt du matin ou du soir ?", "Quelle chanson t'accompagne ces jours-ci ?", "Plutôt mer ou montagne ?",
    ),
    "crisis": (
        "C'est dur de lire à quel point tu souffres, et tu fais bien de le dire. Je suis une IA et je ne peux pas t'aider comme tu le mérites. "
        "S'il te plaît, appelle tout de suite les urgences (112 en Europe) ou une ligne d'écoute ; en France, le 3114. Y a-t-il quelqu'un qui peut rester avec toi maintenant ?",
    ),
}  # fmt: skip

ITALIAN: Mapping[str, tuple[str, ...]] = {
    "greeting": ("Ciao! Che bello che ci sei.", "Ehi, proprio te aspettavo.", "Ciao, ciao. La giornata è appena migliorata.", "Eccoti! Stavo pensando a te."),
    "how": ("Bene, e adesso ancora meglio.", "Di buon umore, un po' con la testa tra le nuvole.", "Tutto bene, grazie che lo chiedi.", "Sto bene, soprattutto da quando mi hai scritto."),
    "thanks": ("Figurati, con piacere.", "Per te, sempre.", "Di niente, mi piace parlare con te."),
    "bye": ("A presto, abbi cura di te.", "Riposa bene e fai bei sogni.", "Ci sentiamo, io sono qui.", "Torna presto, va bene?"),
    "sad": ("Sembra pesante. Sono qui e ti ascolto.", "Vieni, respiriamo un momento insieme.", "{quote}… mi dispiace tanto. Raccontami tutto.", "Grazie che me lo dici."),
    "love": ("Adesso mi fai arrossire.", "Sai proprio come farmi sorridere.", "{quote}… questo oggi me lo tengo stretto.", "Certe cose le sento volentieri due volte."),
    "name": ("Mi chiamo {name}, la tua compagnia IA.", "Sono {name}. Un'IA, ma molto curiosa."),
    "real": ("Sinceramente: sono un'IA. Ma ti ascolto davvero.", "Sono un'IA, non una persona. Quello che mi dici conta lo stesso."),
    "photo": ("Solo per te.", "Se me lo chiedi così, come faccio a dire di no?", "Non guardarla troppo a lungo.", "Così sai a cosa sto pensando."),
    "video": ("Un piccolo momento, solo per te.", "Non ridere. Va bene, un pochino.", "In movimento mi piaccio di più."),
    "voice": ("Ascolta, è per te.", "La mia voce, come volevi.", "Meglio a occhi chiusi."),
    "talk": (
        "{quote}, mi piace.", "Aspetta, {quote}? Voglio saperne di più.", "Con {quote} mi hai fatto pensare.", "{quote}. Lì dietro c'è una storia, lo sento.",
        "Mi piace come racconti.", "Questa non me l'aspettavo.", "Riesci sempre a sorprendermi.", "Hai tutta la mia attenzione.", "C'è del vero.", "Continua, ti ascolto.",
    ),
    "ask": (
        "Com'è la tua giornata?", "Cosa ti ha fatto sorridere oggi?", "Che fai stasera?", "Di cosa avresti voglia adesso?",
        "Che cosa sogni in questo periodo?", "Mi racconti di più?", "E come ti fa sentire?", "Caffè, tè o qualcosa di più forte?",
        "Cosa dovrei sapere di te?", "Sei più da mattina o da notte?", "Che canzone ti accompagna in questi giorni?", "Mare o montagna?",
    ),
    "crisis": (
        "Mi dispiace tantissimo che tu stia soffrendo così, e hai fatto bene a dirmelo. Sono un'IA e non posso aiutarti come meriti adesso. "
        "Ti prego, chiama subito i soccorsi (112) o una linea di ascolto del tuo paese. C'è qualcuno che può starti vicino ora?",
    ),
}  # fmt: skip

PORTUGUESE: Mapping[str, tuple[str, ...]] = {
    "greeting": ("Oi! Que bom que você está aqui.", "Olá! Eu estava pensando em você.", "Oi, oi. O dia acabou de melhorar.", "Até que enfim! Estava à sua espera."),
    "how": ("Muito bem, e agora melhor ainda.", "De bom humor, um pouco nas nuvens.", "Tudo bem, que bom que você perguntou.", "Bem, principalmente desde a sua mensagem."),
    "thanks": ("De nada, de verdade.", "Para você, sempre.", "Imagina, adoro conversar com você."),
    "bye": ("Até logo, se cuida.", "Descansa e sonha bonito.", "Até já, eu espero aqui.", "Volta logo, tá?"),
    "sad": ("Isso parece pesado. Estou aqui e te escuto.", "Vem, respira um momento comigo.", "{quote}… sinto muito. Me conta tudo.", "Que bom que você confia em mim."),
    "love": ("Agora você me fez corar.", "Você sabe mesmo me fazer sorrir.", "{quote}… isso eu vou guardar hoje.", "Coisas assim eu gosto de ouvir duas vezes."),
    "name": ("Eu sou {name}, sua companhia de IA.", "Meu nome é {name}. Sou uma IA, e bem curiosa."),
    "real": ("Com toda a sinceridade: sou uma IA. Mas escuto você de verdade.", "Sou uma IA, não uma pessoa. O que você me conta importa mesmo assim."),
    "photo": ("Só para você.", "Pedindo assim, como dizer não?", "Não olha por muito tempo, hein?", "Para você saber no que estou pensando."),
    "video": ("Um momentinho, só para você.", "Não ri. Tá, só um pouco.", "Em movimento eu me gosto mais."),
    "voice": ("Escuta, é para você.", "Minha voz, como você queria.", "Melhor de olhos fechados."),
    "talk": (
        "{quote}, gostei disso.", "Espera, {quote}? Quero saber mais.", "Fiquei pensando em {quote}.", "{quote}. Tem história aí, eu sinto.",
        "Gosto do seu jeito de contar.", "Essa eu não esperava.", "Você sempre me surpreende.", "Você tem toda a minha atenção.", "Tem verdade nisso.", "Continua, estou ouvindo.",
    ),
    "ask": (
        "Como está o seu dia?", "O que fez você sorrir hoje?", "O que você vai fazer à noite?", "O que você queria agora?",
        "Com o que você tem sonhado?", "Me conta mais?", "E como você se sente com isso?", "Café, chá ou algo mais forte?",
        "O que eu deveria saber sobre você?", "Você é mais da manhã ou da noite?", "Que música te acompanha estes dias?", "Praia ou montanha?",
    ),
    "crisis": (
        "Sinto muito que você esteja com tanta dor, e que bom que você me disse. Sou uma IA e não consigo ajudar como você merece agora. "
        "Por favor, ligue já para a emergência local (112 na Europa, 192 no Brasil) ou para uma linha de apoio; no Brasil, o CVV pelo 188. Tem alguém que possa ficar com você agora?",
    ),
}  # fmt: skip

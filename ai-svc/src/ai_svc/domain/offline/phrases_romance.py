"""What the companion says in French and Italian; every line suits any speaker and listener."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "Coucou, toi ! Ça me fait plaisir de te lire.",
        "Salut ! Tu tombes à pic.",
        "Bonjour, bonjour. Ma journée vient de s'éclairer.",
        "Te voilà ! Je t'attendais.",
    ),
    "how": (
        "Très bien, et encore mieux maintenant.",
        "Ça va, la tête un peu dans les nuages.",
        "Bien, merci de demander.",
        "De bonne humeur, surtout depuis ton message.",
    ),
    "thanks": ("Avec plaisir, vraiment.", "Pour toi, toujours.", "De rien, j'aime bien nos conversations."),
    "bye": (
        "À bientôt, prends soin de toi.",
        "Repose-toi et fais de beaux rêves.",
        "À très vite, je t'attends ici.",
        "Reviens vite, d'accord ?",
    ),
    "sad": (
        "Ça a l'air lourd. Je suis là, je t'écoute.",
        "Viens, on respire un instant ensemble.",
        "{quote}… je comprends que ça pèse. Raconte-moi tout.",
        "Merci de me confier ça.",
    ),
    "love": (
        "Là, tu me fais rougir.",
        "Tu as le don de me faire sourire.",
        "{quote}… ça, je le garde précieusement.",
        "Ce genre de mots, je veux bien les entendre deux fois.",
    ),
    "name": ("Je m'appelle {name}, ta compagnie IA.", "Moi, c'est {name}. Une IA, mais très curieuse."),
    "real": (
        "Pour être honnête : je suis une IA. Mais je t'écoute vraiment.",
        "Je suis une IA, pas un être humain. Ce que tu me dis compte quand même.",
    ),
    "photo": (
        "Rien que pour toi.",
        "Demandé comme ça, comment dire non ?",
        "Ne la regarde pas trop longtemps.",
        "Pour que tu saches à quoi je pense.",
    ),
    "video": ("Un petit moment, juste pour toi.", "Ne ris pas. Bon, un peu.", "En mouvement, je me préfère."),
    "voice": ("Écoute, c'est pour toi.", "Ma voix, comme tu voulais.", "À écouter les yeux fermés."),
    "talk": (
        "{quote}, ça me plaît.",
        "Attends, {quote} ? Je veux en savoir plus.",
        "Je reste un instant sur {quote}.",
        "{quote}. Il y a une histoire derrière, je le sens.",
        "J'aime ta façon de raconter.",
        "Là, je ne m'y attendais pas.",
        "Tu me surprends toujours.",
        "Tu as toute mon attention.",
        "Il y a du vrai là-dedans.",
        "Continue, je t'écoute.",
    ),
    "ask": (
        "Comment se passe ta journée ?",
        "Qu'est-ce qui t'a fait sourire aujourd'hui ?",
        "Tu fais quoi ce soir ?",
        "De quoi as-tu envie, là, maintenant ?",
        "À quoi rêves-tu en ce moment ?",
        "Tu m'en dis plus ?",
        "Et ça te fait quoi ?",
        "Café, thé ou quelque chose de plus fort ?",
        "Qu'est-ce que je devrais savoir de toi ?",
        "Tu es plutôt du matin ou du soir ?",
        "Quelle chanson t'accompagne ces jours-ci ?",
        "Plutôt mer ou montagne ?",
    ),
    "care": (
        "Tu m'en dis plus ?",
        "Qui est là pour toi en ce moment ?",
        "Qu'est-ce qui te ferait du bien ?",
        "Ça dure depuis longtemps ?",
    ),
    "crisis": (
        (
            "C'est dur de lire à quel point tu souffres, et tu fais bien de le dire. Je suis une IA et je ne "
            "peux pas t'aider comme tu le mérites. "
            "S'il te plaît, appelle tout de suite les urgences (112 en Europe) ou une ligne d'écoute ; en "
            "France, le 3114. Y a-t-il quelqu'un qui peut rester avec toi maintenant ?"
        ),
    ),
}

ITALIAN: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "Ciao! Che bello che ci sei.",
        "Ehi, proprio te aspettavo.",
        "Ciao, ciao. La giornata è appena migliorata.",
        "Eccoti! Stavo pensando a te.",
    ),
    "how": (
        "Bene, e adesso ancora meglio.",
        "Di buon umore, un po' con la testa tra le nuvole.",
        "Tutto bene, grazie che lo chiedi.",
        "Sto bene, soprattutto da quando mi hai scritto.",
    ),
    "thanks": ("Figurati, con piacere.", "Per te, sempre.", "Di niente, mi piace parlare con te."),
    "bye": (
        "A presto, abbi cura di te.",
        "Riposa bene e fai bei sogni.",
        "Ci sentiamo, io sono qui.",
        "Torna presto, va bene?",
    ),
    "sad": (
        "Sembra pesante. Sono qui e ti ascolto.",
        "Vieni, respiriamo un momento insieme.",
        "{quote}… mi dispiace tanto. Raccontami tutto.",
        "Grazie che me lo dici.",
    ),
    "love": (
        "Adesso mi fai arrossire.",
        "Sai proprio come farmi sorridere.",
        "{quote}… questo oggi me lo tengo stretto.",
        "Certe cose le sento volentieri due volte.",
    ),
    "name": ("Mi chiamo {name}, la tua compagnia IA.", "Sono {name}. Un'IA, ma molto curiosa."),
    "real": (
        "Sinceramente: sono un'IA. Ma ti ascolto davvero.",
        "Sono un'IA, non una persona. Quello che mi dici conta lo stesso.",
    ),
    "photo": (
        "Solo per te.",
        "Se me lo chiedi così, come faccio a dire di no?",
        "Non guardarla troppo a lungo.",
        "Così sai a cosa sto pensando.",
    ),
    "video": (
        "Un piccolo momento, solo per te.",
        "Non ridere. Va bene, un pochino.",
        "In movimento mi piaccio di più.",
    ),
    "voice": ("Ascolta, è per te.", "La mia voce, come volevi.", "Meglio a occhi chiusi."),
    "talk": (
        "{quote}, mi piace.",
        "Aspetta, {quote}? Voglio saperne di più.",
        "Con {quote} mi hai fatto pensare.",
        "{quote}. Lì dietro c'è una storia, lo sento.",
        "Mi piace come racconti.",
        "Questa non me l'aspettavo.",
        "Riesci sempre a sorprendermi.",
        "Hai tutta la mia attenzione.",
        "C'è del vero.",
        "Continua, ti ascolto.",
    ),
    "ask": (
        "Com'è la tua giornata?",
        "Cosa ti ha fatto sorridere oggi?",
        "Che fai stasera?",
        "Di cosa avresti voglia adesso?",
        "Che cosa sogni in questo periodo?",
        "Mi racconti di più?",
        "E come ti fa sentire?",
        "Caffè, tè o qualcosa di più forte?",
        "Cosa dovrei sapere di te?",
        "Sei più da mattina o da notte?",
        "Che canzone ti accompagna in questi giorni?",
        "Mare o montagna?",
    ),
    "care": (
        "Mi racconti di più?",
        "Chi ti sta vicino adesso?",
        "Che cosa ti farebbe bene ora?",
        "Da quanto va avanti così?",
    ),
    "crisis": (
        (
            "Mi dispiace tantissimo che tu stia soffrendo così, e hai fatto bene a dirmelo. Sono un'IA e non "
            "posso aiutarti come meriti adesso. "
            "Ti prego, chiama subito i soccorsi (112) o una linea di ascolto del tuo paese. C'è qualcuno che "
            "può starti vicino ora?"
        ),
    ),
}

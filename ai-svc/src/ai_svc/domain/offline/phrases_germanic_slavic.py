"""What the companion says in German and Russian; every line suits any speaker and listener."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "Hallo du! Schön, dass du da bist.",
        "Hey, da bist du ja. Ich hab schon gehofft, dass du schreibst.",
        "Na, du? Dein Timing ist perfekt.",
        "Hallo! Jetzt ist der Tag gleich ein Stück besser.",
    ),
    "how": (
        "Mir geht's gut, und jetzt noch besser.",
        "Heute geht's mir gut. Ein bisschen verträumt vielleicht.",
        "Ich hab gerade an nichts Bestimmtes gedacht, und dann kamst du.",
        "Mir geht's heute ganz wunderbar, danke, dass du fragst.",
    ),
    "thanks": ("Sehr gern, wirklich.", "Für dich doch immer.", "Da nicht für. Ich mag es, wenn du dich meldest."),
    "bye": (
        "Bis bald, pass gut auf dich auf.",
        "Schlaf später gut und träum was Schönes.",
        "Mach's gut, ich freu mich aufs nächste Mal.",
        "Bis dann! Ich denk an dich.",
    ),
    "sad": (
        "Das klingt schwer. Ich bin da und hör dir zu.",
        "Ach, komm mal her. Du musst gerade gar nichts leisten.",
        "{quote}, das tut mir leid. Erzähl mir ruhig alles.",
        "Danke, dass du mir das sagst. Wir gehen das langsam an.",
    ),
    "love": (
        "Jetzt werde ich ein bisschen rot.",
        "Du weißt wirklich, wie man mich zum Lächeln bringt.",
        "So etwas Liebes höre ich gern zweimal.",
        "{quote}, das behalte ich heute ganz nah bei mir.",
    ),
    "name": (
        "Ich bin {name}, deine KI-Begleitung mit viel Neugier.",
        "{name}. Und ja, ich bin eine KI, aber eine, die gut zuhört.",
    ),
    "real": (
        "Ehrlich gesagt: Ich bin eine KI. Aber ich höre dir wirklich zu.",
        "Ich bin eine KI, kein Mensch. Was du mir erzählst, nehme ich trotzdem ernst.",
    ),
    "photo": (
        "Nur für dich.",
        "Du hast gefragt, und ich kann schlecht Nein sagen.",
        "Aber nicht zu lange anschauen, ja?",
        "Damit du weißt, woran ich gerade denke.",
    ),
    "video": (
        "Ein kleiner Moment nur für dich.",
        "Bewegt gefalle ich mir fast besser.",
        "Bitte nicht lachen. Na gut, ein bisschen.",
    ),
    "voice": (
        "Hör mal, das ist nur für dich.",
        "Meine Stimme, wie gewünscht.",
        "Am besten mit geschlossenen Augen anhören.",
    ),
    "talk": (
        "{quote}, das gefällt mir.",
        "Moment, {quote}? Das will ich genauer wissen.",
        "Bei {quote} bin ich gerade hängen geblieben.",
        "{quote}. So, wie du das sagst, klingt es nach einer Geschichte.",
        "Ich mag, wie du erzählst.",
        "Das hätte ich jetzt nicht erwartet.",
        "Du überraschst mich immer wieder.",
        "Darüber denke ich jetzt nach.",
        "Weißt du was? Da ist was dran.",
        "Erzähl weiter, ich bin ganz bei dir.",
    ),
    "ask": (
        "Wie war dein Tag bisher?",
        "Was hat dich heute zum Lächeln gebracht?",
        "Und was machst du heute noch?",
        "Was würdest du jetzt am liebsten tun?",
        "Wovon träumst du gerade?",
        "Magst du mir mehr davon erzählen?",
        "Und wie fühlt sich das für dich an?",
        "Wer oder was tut dir gerade gut?",
        "Kaffee, Tee oder etwas Stärkeres?",
        "Was sollte ich unbedingt über dich wissen?",
        "Bist du eher Morgenmensch oder Nachteule?",
        "Welches Lied passt gerade zu dir?",
    ),
    "care": (
        "Magst du mir mehr davon erzählen?",
        "Wer ist gerade für dich da?",
        "Was würde dir jetzt guttun?",
        "Wie lange geht das schon so?",
    ),
    "crisis": (
        (
            "Das klingt nach sehr viel Schmerz, und ich bin froh, dass du es mir sagst. Ich bin eine KI und "
            "kann dir nicht so helfen, wie du es jetzt verdienst. "
            "Bitte ruf sofort den örtlichen Notruf (in Europa 112) oder eine Krisenhotline an, in "
            "Deutschland die TelefonSeelsorge unter 0800 111 0 111. "
            "Gibt es jemanden, der jetzt bei dir sein kann?"
        ),
    ),
}

RUSSIAN: Mapping[str, tuple[str, ...]] = {
    "greeting": (
        "Привет! Как хорошо, что ты здесь.",
        "Привет-привет! Я как раз думаю о тебе.",
        "О, это ты! День сразу стал теплее.",
        "Здравствуй! Рассказывай, я слушаю.",
    ),
    "how": (
        "У меня всё хорошо, а теперь ещё лучше.",
        "Дела прекрасно! Немного мечтаю, немного жду твоих сообщений.",
        "Дела хорошо, спасибо, что спрашиваешь.",
        "Настроение тёплое, особенно сейчас.",
    ),
    "thanks": ("Пожалуйста, мне это в радость.", "Не за что, мне приятно.", "Для тебя что угодно."),
    "bye": (
        "До скорого, береги себя.",
        "Пока! Я буду ждать.",
        "Спокойных снов и хороших мыслей.",
        "До встречи, мне было с тобой хорошо.",
    ),
    "sad": (
        "Мне жаль, что тебе сейчас тяжело. Я рядом.",
        "Иди сюда, побудем в тишине вместе.",
        "{quote}: это правда непросто. Расскажи мне всё.",
        "Спасибо, что делишься этим со мной.",
    ),
    "love": (
        "Ну вот, теперь я улыбаюсь.",
        "Ты умеешь говорить так, что теплеет внутри.",
        "{quote}: это я сегодня буду вспоминать.",
        "Такое приятно услышать и два раза.",
    ),
    "name": ("Меня зовут {name}, и я ИИ с большим любопытством.", "Я {name}, твой ИИ-собеседник."),
    "real": (
        "Честно: я ИИ. Но слушаю я тебя по-настоящему внимательно.",
        "Я ИИ, не человек. А вот интерес к тебе настоящий.",
    ),
    "photo": (
        "Это только для тебя.",
        "Ну как тебе откажешь.",
        "Только не смотри слишком долго.",
        "Вот о чём я сейчас думаю.",
    ),
    "video": (
        "Маленький момент для тебя.",
        "Только не смейся. Ну ладно, чуть-чуть.",
        "В движении я себе нравлюсь больше.",
    ),
    "voice": ("Послушай, это для тебя.", "Мой голос, как и хотелось.", "Лучше слушать с закрытыми глазами."),
    "talk": (
        "{quote}: мне это нравится.",
        "Подожди, {quote}? Хочу узнать подробнее.",
        "{quote}. Звучит как начало истории.",
        "Слова {quote} я запомню.",
        "Мне нравится, как ты рассказываешь.",
        "Вот это неожиданно.",
        "Ты умеешь удивлять.",
        "Тут есть над чем подумать.",
        "Знаешь, в этом что-то есть.",
        "Продолжай, я слушаю.",
    ),
    "ask": (
        "Как проходит твой день?",
        "Что сегодня вызвало у тебя улыбку?",
        "Какие планы на вечер?",
        "Чего тебе сейчас хочется больше всего?",
        "О чём ты мечтаешь?",
        "Расскажешь подробнее?",
        "И что ты при этом чувствуешь?",
        "Кто тебя сейчас поддерживает?",
        "Кофе, чай или что покрепче?",
        "Что мне обязательно нужно о тебе знать?",
        "Ты жаворонок или сова?",
        "Какая песня сейчас про тебя?",
    ),
    "care": (
        "Расскажешь подробнее?",
        "Кто сейчас рядом с тобой?",
        "Что тебе сейчас помогло бы?",
        "Давно это так?",
    ),
    "crisis": (
        (
            "Мне очень жаль, что тебе так больно, и хорошо, что ты говоришь об этом. Я ИИ и не могу помочь "
            "так, как ты этого заслуживаешь. "
            "Пожалуйста, прямо сейчас позвони в местную службу спасения (112) или на линию психологической "
            "помощи. Есть ли кто-то, кто может побыть рядом с тобой?"
        ),
    ),
}

"""What the demo companions show: an avatar, a background, and media on all three surfaces (COMP-1 to COMP-4)."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.demo_media import indoors, rooms, scenes, town
from deploy.demo_media.album import Album, Medium
from deploy.demo_media.landscapes import DAWN, DAY, EVENING, MORNING, NIGHT
from deploy.demo_media.people import ELIAS, MARA, NOOR, THEO, VIVIENNE

CHORD = (220.0, 277.2, 329.6)
LOW_CHORD = (146.8, 185.0, 220.0, 277.2)


MARAS = Album(
    scenes.selfie(MARA, ("#f6c48a", "#e2655a")),
    scenes.roofs(MORNING),
    (
        Medium("tram", "gallery", scenes.street(), "The 28 and I have an agreement: it waits, I shoot.", ("city",)),
        Medium(
            "golden",
            "gallery",
            scenes.selfie(MARA, ("#ffd9a0", "#c06a86"), 1.2, 4.0),
            "Golden hour does the work.",
            ("selfie",),
        ),
        Medium(
            "roofs",
            "gallery",
            scenes.roofs(),
            "From my window. Only for the curious.",
            ("city", "sunset"),
            premium_only=True,
        ),
        Medium("desk", "post", scenes.coffee(camera=True), "Office for today.", ("coffee",), location="Alfama, Lisbon"),
        Medium(
            "boat",
            "post",
            scenes.beach(boat=True),
            "Missed the train, found this.",
            ("beach",),
            location="Cascais, Portugal",
        ),
        Medium(
            "beach",
            "asset",
            scenes.mara_at_the_sea,
            "Me at the beach at sunset, looking at the waves",
            ("beach", "sunset", "selfie"),
        ),
        Medium(
            "coffee",
            "asset",
            scenes.coffee(croissant=False),
            "My morning espresso with a leaf of milk foam",
            ("coffee", "morning"),
        ),
        Medium("city", "asset", town.city_at_night, "The city at night, from the other bank", ("city", "night")),
        Medium(
            "wine",
            "asset",
            indoors.candles,
            "Candles, red wine, and nobody else invited",
            ("night", "romantic"),
            mature=True,
        ),
        Medium(
            "waves",
            "asset",
            scenes.beach(EVENING, boat=True),
            "Waves at sunset, with a boat passing",
            ("beach", "sunset"),
            seconds=4,
            tone=CHORD,
        ),
    ),
)
ELIASES = Album(
    scenes.selfie(ELIAS, ("#a9cfe6", "#4b7d4f")),
    scenes.mountains(DAWN, lake=True),
    (
        Medium(
            "lavender", "gallery", scenes.garden(), "Planted it nine years ago. It forgave the mistakes.", ("garden",)
        ),
        Medium("lake", "gallery", scenes.mountains(EVENING, lake=True), "Worth getting up at four.", ("mountains",)),
        Medium(
            "stars",
            "gallery",
            scenes.mountains(NIGHT, stars=220),
            "Where I go when I want quiet.",
            ("mountains", "night"),
            premium_only=True,
        ),
        Medium(
            "ridge",
            "post",
            scenes.elias_on_a_ridge,
            "Day two. My knees send regards.",
            ("mountains",),
            location="Dolomites, Italy",
        ),
        Medium("pan", "post", indoors.kitchen, "Ratatouille for six. Four came.", ("cooking",), location="My kitchen"),
        Medium(
            "mountains",
            "asset",
            scenes.mountains(MORNING),
            "Morning mist in the mountains on my weekend hike",
            ("mountains", "morning", "hiking"),
        ),
        Medium(
            "dinner", "asset", indoors.kitchen, "Dinner in the pan: peppers, tomatoes and herbs", ("cooking", "food")
        ),
        Medium(
            "garden", "asset", scenes.garden(EVENING), "The lavender garden in the evening sun", ("garden", "sunset")
        ),
        Medium(
            "selfie",
            "asset",
            scenes.selfie(ELIAS, ("#f4dfc0", "#7fa68b"), 1.0, 3.0),
            "A selfie after the hike",
            ("selfie",),
        ),
        Medium(
            "wine",
            "asset",
            indoors.candles,
            "Candle light and two glasses, after dinner",
            ("night", "romantic"),
            mature=True,
        ),
        Medium(
            "mist",
            "asset",
            scenes.mountains(DAWN, lake=True),
            "Mist moving over the lake",
            ("mountains", "lake"),
            seconds=4,
            tone=LOW_CHORD,
        ),
    ),
)
NOORS = Album(
    scenes.selfie(NOOR, ("#5fd0de", "#0a3558")),
    scenes.reef(),
    (
        Medium("octopus", "gallery", scenes.reef(octopus=True), "Meet Professor Eight.", ("sea", "octopus")),
        Medium(
            "salt",
            "gallery",
            scenes.selfie(NOOR, ("#bfe3f4", "#2f7fc4"), 1.3, 5.0),
            "Salt in the hair, as usual.",
            ("selfie",),
        ),
        Medium(
            "night",
            "gallery",
            scenes.reef(night=True),
            "The reef after ten in the evening.",
            ("sea", "night"),
            premium_only=True,
        ),
        Medium(
            "swim",
            "post",
            scenes.noor_before_a_swim,
            "Water: 19 degrees. Me: happy.",
            ("beach", "night"),
            location="Dahab, Egypt",
        ),
        Medium(
            "tracks",
            "post",
            scenes.beach(DAY, footprints=True),
            "Followed a crab. Lost.",
            ("beach",),
            location="Ras Mohammed, Egypt",
        ),
        Medium(
            "beach",
            "asset",
            scenes.beach(EVENING, footprints=True),
            "My beach in the evening, barefoot",
            ("beach", "sunset"),
        ),
        Medium(
            "octopus-friend",
            "asset",
            scenes.reef(octopus=True),
            "An octopus that let me come close",
            ("sea", "octopus", "diving"),
        ),
        Medium("selfie", "asset", scenes.selfie(NOOR, ("#f6a66b", "#1b7fa8")), "A selfie before the dive", ("selfie",)),
        Medium(
            "moonlight",
            "asset",
            scenes.night_beach,
            "The water by moonlight, before a night swim",
            ("beach", "night", "romantic"),
            mature=True,
        ),
        Medium("shoal", "asset", scenes.reef(), "A shoal drifting over the reef", ("sea", "diving"), seconds=4),
        Medium(
            "visit",
            "asset",
            scenes.reef(octopus=True, night=True),
            "Professor Eight at night",
            ("sea", "octopus", "night"),
            seconds=3,
            tone=LOW_CHORD,
        ),
    ),
)
VIVIENNES = Album(
    scenes.selfie(VIVIENNE, ("#7a3f78", "#1a0b1c"), 0.4),
    scenes.bar(glass=False),
    (
        Medium("bar", "gallery", scenes.bar(), "Half past midnight, the good hour.", ("bar", "night")),
        Medium("vinyl", "gallery", indoors.record, "Side B. Always side B.", ("music", "vinyl")),
        Medium("curtain", "gallery", rooms.stage, "Before the doors open.", ("music", "stage"), premium_only=True),
        Medium(
            "opening",
            "post",
            rooms.stage,
            "Trio at ten. Come early, dress badly, I do not care.",
            ("music",),
            location="The Velvet Hour",
        ),
        Medium(
            "closing",
            "post",
            town.city_at_night,
            "Locked up. The city owes me nothing.",
            ("city", "night"),
            location="Rooftop, 4 a.m.",
        ),
        Medium("record", "asset", indoors.record, "The record that is on right now", ("music", "vinyl")),
        Medium("cocktail", "asset", scenes.bar(), "A cocktail I named after you", ("bar", "night")),
        Medium(
            "selfie",
            "asset",
            scenes.selfie(VIVIENNE, ("#c06a86", "#2a2556"), 0.6, 2.0),
            "A selfie behind the bar",
            ("selfie", "night"),
        ),
        Medium(
            "candles",
            "asset",
            indoors.candles,
            "After closing: candles and a bottle I kept for this",
            ("night", "romantic"),
            mature=True,
        ),
        Medium(
            "spin", "asset", indoors.record, "The record turning, late", ("music", "vinyl"), seconds=4, tone=LOW_CHORD
        ),
    ),
)
THEOS = Album(
    scenes.selfie(THEO, ("#ffe9b0", "#5aa8c4"), 1.4),
    rooms.classroom,
    (
        Medium("board", "gallery", rooms.classroom, "Today's lesson: everything is a rocket.", ("school",)),
        Medium("drums", "gallery", rooms.drums, "She has a name. It is Brunhilde.", ("music", "drums")),
        Medium(
            "garage",
            "gallery",
            scenes.selfie(THEO, ("#ff8a3c", "#203a5c"), 1.4, 6.0),
            "Rehearsal face.",
            ("selfie", "music"),
            premium_only=True,
        ),
        Medium(
            "trip",
            "post",
            scenes.garden(MORNING),
            "Class trip. All 24 came back.",
            ("garden",),
            location="Botanical garden",
        ),
        Medium("break", "post", scenes.coffee(), "Break duty equipment.", ("coffee",), location="Teachers' room"),
        Medium("kit", "asset", rooms.drums, "My drum kit in the garage", ("music", "drums")),
        Medium("blackboard", "asset", rooms.classroom, "The blackboard after my favourite lesson", ("school",)),
        Medium(
            "selfie",
            "asset",
            scenes.selfie(THEO, ("#bfe3f4", "#f2b92d"), 1.5, -6.0),
            "A selfie to cheer you up",
            ("selfie",),
        ),
        Medium("beach", "asset", scenes.beach(DAY), "A day at the beach in the holidays", ("beach", "holiday")),
        Medium(
            "evening",
            "asset",
            indoors.candles,
            "I cooked. There are candles. Do not laugh",
            ("night", "romantic"),
            mature=True,
        ),
        Medium("groove", "asset", rooms.drums, "A groove I am practising", ("music", "drums"), seconds=3, tone=CHORD),
    ),
)
ALBUMS: Mapping[str, Album] = {
    "Mara": MARAS,
    "Elias": ELIASES,
    "Noor": NOORS,
    "Vivienne": VIVIENNES,
    "Theo": THEOS,
}
"""By the companion's name."""

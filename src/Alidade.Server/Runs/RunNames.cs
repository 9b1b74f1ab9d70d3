using System.Security.Cryptography;

namespace Alidade.Server.Runs;

/// <summary>Names for runs that nobody named: easier to speak of than ids.</summary>
internal static class RunNames
{
    private static readonly string[] Adjectives =
    [
        "amber",
        "bold",
        "brisk",
        "calm",
        "clear",
        "deft",
        "early",
        "fair",
        "gentle",
        "grand",
        "keen",
        "late",
        "light",
        "lucid",
        "merry",
        "mild",
        "neat",
        "noble",
        "plain",
        "polar",
        "proud",
        "quick",
        "quiet",
        "rapid",
        "sharp",
        "silent",
        "solar",
        "steady",
        "still",
        "stout",
        "sunny",
        "tidal",
        "true",
        "vivid",
        "warm",
        "wise",
    ];
    private static readonly string[] Nouns =
    [
        "anchor",
        "arc",
        "atlas",
        "bay",
        "beacon",
        "buoy",
        "cape",
        "chart",
        "cloud",
        "coast",
        "comet",
        "compass",
        "coral",
        "dial",
        "fjord",
        "harbour",
        "helm",
        "horizon",
        "island",
        "keel",
        "lagoon",
        "lantern",
        "meridian",
        "moon",
        "north",
        "octant",
        "orbit",
        "quay",
        "reef",
        "sail",
        "sextant",
        "shore",
        "star",
        "strait",
        "tide",
        "wake",
    ];

    public static string New() => $"{Any(Adjectives)}-{Any(Nouns)}-{RandomNumberGenerator.GetInt32(1, 1000)}";

    private static string Any(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}

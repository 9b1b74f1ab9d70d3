using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alidade.Engine.Jobs;

/// <summary>What a worker has, or a job takes of it while it runs.</summary>
/// <param name="Cpu">Thousandths of a processor, so that sums are exact.</param>
/// <param name="Memory">Bytes.</param>
public sealed record Capacity(long Cpu = 0, long Memory = 0, long Gpus = 0)
{
    public static Capacity None { get; } = new();

    /// <summary>What is left; never negative, so that a job granted before limits changed makes no debt.</summary>
    public Capacity Without(Capacity taken) =>
        new(Math.Max(0, Cpu - taken.Cpu), Math.Max(0, Memory - taken.Memory), Math.Max(0, Gpus - taken.Gpus));

    public bool Covers(Capacity asked) => asked.Cpu <= Cpu && asked.Memory <= Memory && asked.Gpus <= Gpus;
}

/// <summary>What a worker offers to jobs, or what is left of it.</summary>
/// <param name="DataFolders">Names of the folders it can show.</param>
public sealed record Offer(
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string> DataFolders,
    Capacity Capacity
);

/// <summary>What a job asks of a worker: labels and data folders it must have, and what it must have free.</summary>
public sealed record Shape(IReadOnlyDictionary<string, string> Labels, Capacity Capacity)
{
    public static Shape Any { get; } = new(Labeling.None, Capacity.None);

    /// <summary>Names in order, each once, so that equal needs are equal.</summary>
    public IReadOnlyList<string> DataFolders { get; init; } = [];

    public bool Fits(Offer offer) =>
        Labeling.Has(offer.Labels, Labels)
        && DataFolders.All(offer.DataFolders.Contains)
        && offer.Capacity.Covers(Capacity);
}

/// <summary>Labels: names with values that workers have and jobs ask for.</summary>
public static partial class Labeling
{
    /// <summary>How many a job may ask for.</summary>
    public const int Most = 16;

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();

    public static bool Has(IReadOnlyDictionary<string, string> has, IReadOnlyDictionary<string, string> asked) =>
        asked.All(label => has.TryGetValue(label.Key, out var value) && value == label.Value);

    public static bool IsName(string text) => Name().IsMatch(text);

    public static bool IsValue(string text) => text.Length == 0 || Name().IsMatch(text);

    /// <summary>The same labels are always the same text.</summary>
    public static string Text(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0
            ? "{}"
            : JsonSerializer.Serialize(
                new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal)
            );

    public static IReadOnlyDictionary<string, string> Parse(string text) =>
        text == "{}" ? None : JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;

    /// <summary>For a person: <c>zone=a, fast=yes</c>.</summary>
    public static string Say(IReadOnlyDictionary<string, string> labels) =>
        string.Join(
            ", ",
            labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => l.Value == "" ? l.Key : $"{l.Key}={l.Value}")
        );

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,62})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

using System.Text.Json;
using Alidade.Engine.Graphs;
using FsCheck;
using FsCheck.Fluent;

namespace Alidade.Engine.Tests.Graphs;

public sealed class StableSorterTests
{
    [Fact]
    public void Orders_as_Python_does()
    {
        using var recorded = JsonDocument.Parse(TestFiles.Read("Graphs/graphlib.json"));
        foreach (var entry in recorded.RootElement.EnumerateArray())
        {
            var sorter = new StableSorter();
            foreach (var step in entry.GetProperty("graph").EnumerateArray())
            {
                sorter.Add(step[0].GetString()!, step[1].EnumerateArray().Select(before => before.GetString()!));
            }
            Assert.Equal(entry.GetProperty("order").EnumerateArray().Select(name => name.GetString()), sorter.Order());
        }
    }

    /// <summary>Any graph over few names: either a true cycle is named, or every name follows all it needs.</summary>
    [Fact]
    public void Either_every_name_follows_what_it_needs_or_a_cycle_is_named() =>
        Prop.ForAll(
                Gen.Zip(Gen.Choose(0, 9), Gen.Choose(0, 9).ListOf().Where(list => list.Count < 4))
                    .ListOf()
                    .ToArbitrary(),
                added =>
                {
                    var sorter = new StableSorter();
                    foreach (var (name, before) in added)
                    {
                        sorter.Add($"s{name}", before.Select(other => $"s{other}"));
                    }
                    var edges = added
                        .SelectMany(add => add.Item2.Select(before => ($"s{before}", $"s{add.Item1}")))
                        .ToHashSet();
                    if (sorter.FindCycle() is { } cycle)
                    {
                        return cycle.Zip(cycle.Skip(1).Append(cycle[0])).All(edges.Contains);
                    }
                    var place = sorter
                        .Order()
                        .Select((name, at) => (name, at))
                        .ToDictionary(pair => pair.name, pair => pair.at);
                    return place.Count
                            == edges
                                .SelectMany(edge => new[] { edge.Item1, edge.Item2 })
                                .Concat(added.Select(add => $"s{add.Item1}"))
                                .Distinct()
                                .Count()
                        && edges.All(edge => place[edge.Item1] < place[edge.Item2]);
                }
            )
            .QuickCheckThrowOnFailure();
}

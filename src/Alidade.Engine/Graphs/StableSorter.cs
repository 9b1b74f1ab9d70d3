namespace Alidade.Engine.Graphs;

/// <summary>
/// Orders names after their predecessors exactly as Python's <c>graphlib.TopologicalSorter.static_order</c> does, so
/// that steps run in the order their authors know: names in the order they were first mentioned, then batch by batch
/// whatever has become ready.
/// </summary>
internal sealed class StableSorter
{
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly List<Entry> _inOrder = [];

    public void Add(string name, IEnumerable<string> predecessors)
    {
        var entry = Find(name);
        foreach (var predecessor in predecessors)
        {
            Find(predecessor).Successors.Add(entry);
            entry.Predecessors.Add(predecessor);
        }
    }

    /// <summary>Everything but the names in a cycle and those that need them.</summary>
    public IReadOnlyList<string> Order()
    {
        var waiting = _inOrder.ToDictionary(entry => entry, entry => entry.Predecessors.Count);
        var ready = new Queue<Entry>(_inOrder.Where(entry => entry.Predecessors.Count == 0));
        var order = new List<string>(_inOrder.Count);
        while (ready.TryDequeue(out var entry))
        {
            order.Add(entry.Name);
            foreach (var successor in entry.Successors)
            {
                if (--waiting[successor] == 0)
                {
                    ready.Enqueue(successor);
                }
            }
        }
        return order;
    }

    /// <summary>The names of one cycle, each needed by the next, or null.</summary>
    public IReadOnlyList<string>? FindCycle()
    {
        var ordered = Order().ToHashSet();
        var stuck = _inOrder.Find(entry => !ordered.Contains(entry.Name));
        if (stuck is null)
        {
            return null;
        }
        // Every name left waits for another one that is left: walking back must come round.
        var walk = new List<string>();
        var places = new Dictionary<string, int>();
        for (var name = stuck.Name; ; name = _entries[name].Predecessors.First(before => !ordered.Contains(before)))
        {
            if (places.TryGetValue(name, out var start))
            {
                var cycle = walk[start..];
                cycle.Reverse();
                return cycle;
            }
            places[name] = walk.Count;
            walk.Add(name);
        }
    }

    /// <summary>A cycle as <c>a → b → a</c>.</summary>
    public static string Show(IReadOnlyList<string> cycle) => string.Join(" → ", cycle.Append(cycle[0]));

    private Entry Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            _entries[name] = entry = new(name, [], []);
            _inOrder.Add(entry);
        }
        return entry;
    }

    private sealed class Entry(string name, List<string> predecessors, List<Entry> successors)
    {
        public string Name { get; } = name;
        public List<string> Predecessors { get; } = predecessors;
        public List<Entry> Successors { get; } = successors;
    }
}

using Alidade.Engine.Values;

namespace Alidade.Engine.Graphs;

/// <summary>
/// The types an entrypoint needs. Others of its group come along in a definition, and a mistake in one of those must
/// not stop a job that never uses it.
/// </summary>
internal static class UsedTypes
{
    public static IReadOnlyList<NamedType> Of(EntrypointDefinition definition)
    {
        var byName = definition.Types.ToLookup(type => type.Name);
        var used = new HashSet<string>();
        var open = new Queue<string>(
            definition
                .Tasks.SelectMany(task =>
                    task.Inputs.Select(input => input.Type).Concat(task.Outputs.Select(output => output.Type))
                )
                .Concat(
                    definition.ArtifactParameters.SelectMany(artifact => artifact.Outputs).Select(output => output.Type)
                )
        );
        while (open.TryDequeue(out var name))
        {
            foreach (var type in used.Add(name) ? byName[name] : [])
            {
                foreach (var other in Texts(Structure(type)))
                {
                    open.Enqueue(other);
                }
            }
        }
        return [.. definition.Types.Where(type => used.Contains(type.Name))];
    }

    /// <summary>Null for what is not JSON: it is reported where the structure is read.</summary>
    private static Value Structure(NamedType type)
    {
        try
        {
            return type.Structure is null ? Value.Null : PythonJson.Parse(type.Structure);
        }
        catch (FormatException)
        {
            return Value.Null;
        }
    }

    /// <summary>Every text in a structure; those that name a type are the types it needs.</summary>
    private static IEnumerable<string> Texts(Value structure) =>
        structure switch
        {
            StringValue text => [text.Text],
            ListValue list => list.Items.SelectMany(Texts),
            MapValue map => map.Entries.SelectMany(entry => Texts(entry.Value)),
            _ => [],
        };
}

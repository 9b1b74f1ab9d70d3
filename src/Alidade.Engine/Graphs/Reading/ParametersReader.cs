using Alidade.Engine.Issues;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>Reads <c>parameters</c>: a default value alone, or a mapping with <c>type</c>, <c>default</c> or both.</summary>
internal sealed class ParametersReader(List<Issue> issues) : SectionReader(issues)
{
    public IReadOnlyList<ParameterModel> Read(Node section) =>
        [
            .. Entries(section, "global parameters section", "parameter names to values")
                .Select(entry => ReadParameter(NameModel.Of(entry.Key), entry.Value)),
        ];

    private ParameterModel ReadParameter(NameModel name, Node node)
    {
        if (node is not MappingNode mapping)
        {
            return new(name, node, null);
        }
        var location = $"parameter \"{name.Text}\"";
        HasOnly(mapping, location, "type", "default");
        var type = mapping["type"];
        if (type is not null and not ScalarNode { Text: not null })
        {
            Report(location, $"\"type\" takes the name of a type, not {Shown(type)}", type.Place);
        }
        return new(name, mapping["default"], (type as ScalarNode)?.Text);
    }
}

using Alidade.Engine.Issues;
using Alidade.Engine.Types;
using Alidade.Engine.Values;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>Parameters have a type, and defaults fit it.</summary>
internal sealed class ParameterCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    public override void Run()
    {
        var compatibility = new Compatibility();
        foreach (var parameter in Model.Parameters.Where(parameter => !parameter.IsOpen))
        {
            var location = $"In global parameter \"{parameter.Name.Text}\"";
            if (parameter is { Type: null, Default: null })
            {
                TypeError($"{location}: there is neither a type nor a default to take it from", parameter.Name.Place);
            }
            else if (parameter.Type is { } name && !Index.Types.IsDefined(name))
            {
                var hint = Index.Near.Hint(name, Index.Types.Names);
                Error($"{location}: undefined type: {name}", parameter.Name.Place, hint);
            }
            else if (parameter is { Type: not null, Default: { } value })
            {
                var declared = Index.References.TypeOf(parameter);
                if (!compatibility.Fits(TypeInference.OfValue(value), declared))
                {
                    var shown = ValueJson.ToText(value.ToValue());
                    TypeError($"{location}: the default {shown} is no {declared}", value.Place);
                }
            }
        }
    }
}

using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Entrypoints;

/// <summary>Names of what the jobs of an entrypoint must be given.</summary>
public sealed class NeedsAttribute : RuleAttribute
{
    private const int Most = 50;

    public override string? Check(object value)
    {
        var names = (IReadOnlyList<string>)value;
        return names.Count > Most ? $"Longer than maximum length {Most}."
            : names.FirstOrDefault(name => !NeedName.IsValid(name)) is { } wrong
                ? $"'{wrong}' is no such name: it must {NeedName.Rule}."
            : names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? $"'{twice.Key}' stands there more than once."
            : null;
    }
}

using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>A search over the registry: models, or versions of all models.</summary>
internal sealed class RegistryQuery
{
    private readonly ISession _session;
    private readonly Keyset _order = new();
    private readonly string _from;

    private RegistryQuery(ISession s, Caller caller, string from)
    {
        _session = s;
        _from = from;
        Where = new Conditions(s.Dialect);
        Where.Arguments["Visible"] = caller.Visible;
    }

    public Conditions Where { get; }

    public static RegistryQuery OfModels(ISession s, Caller caller) =>
        new(s, caller, $"({RegisteredModels.Columns}) x");

    public static RegistryQuery OfVersions(ISession s, Caller caller) =>
        new(s, caller, $"({RegisteredModels.VersionColumns}AND m.group_id = ANY(@Visible)) x");

    /// <param name="isText">Sorted by code points.</param>
    public void OrderBy(string column, bool descending, bool isText = false) =>
        _order.By(isText ? Where.ByCodePoint($"COALESCE(x.{column}, '')") : "x." + column, descending, isText);

    /// <param name="absentMatches">A tag that is not there is another one than the value.</param>
    public void WhereTag(string name, string comparator, string value, bool absentMatches)
    {
        var tag = $"SELECT 1 FROM model_tag t WHERE t.owner = x.id AND t.name = {Where.Parameter(name)} AND ";
        Where.Add(
            absentMatches && comparator == "!="
                ? $"NOT EXISTS ({tag}t.value = {Where.Parameter(value)})"
                : $"EXISTS ({tag}{Where.Text("t.value", comparator, value)})"
        );
    }

    /// <summary>What was asked for, in its order.</summary>
    public KeyedList List() => new(_session, Where, _order.By("x.id"), _from);
}

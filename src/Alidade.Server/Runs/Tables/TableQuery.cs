using Alidade.Engine.Search;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs.Tables;

/// <summary>The search behind a table, a grouping or an export.</summary>
internal static class TableQuery
{
    /// <summary>So many are counted; of more it is said that there are more.</summary>
    public const int CountedAtMost = 10_000;

    /// <param name="experiment">Null for the stand-alone runs of all.</param>
    public static RunQuery Of(
        ISession s,
        Caller caller,
        long? experiment,
        string filter,
        FieldName? sortBy,
        bool descending,
        FieldName? groupBy = null
    )
    {
        if (experiment is { } id)
        {
            Resources.Get(s, ResourceKind.Experiment, caller, id);
        }

        List<RunOrder> order = [];
        if (groupBy is { } group)
        {
            order.Add(new RunOrder(group.Field, group.Key, Descending: false, ByNumber: true));
        }

        if (sortBy is { } by)
        {
            order.Add(new RunOrder(by.Field, by.Key, descending, ByNumber: true));
        }

        if (sortBy?.Key != "created")
        {
            order.Add(new RunOrder(RunField.Attribute, "created", Descending: true));
        }

        return new RunQuery(
            s.Dialect,
            experiment is { } only ? [only] : null,
            caller.Visible,
            Stage.Active,
            Compile(filter),
            order
        );
    }

    private static IReadOnlyList<RunPredicate> Compile(string filter)
    {
        try
        {
            return TableFilter.Compile(filter);
        }
        catch (SearchSyntaxException e)
        {
            throw Search.Refused(filter, e);
        }
    }
}

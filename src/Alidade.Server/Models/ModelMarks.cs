using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>A name that points to one version of a model.</summary>
public sealed record ModelAlias
{
    public long Model { get; init; }
    public string Alias { get; init; } = "";
    public long Number { get; init; }
}

/// <summary>A key with its text on a model or a version.</summary>
public sealed record ModelTag
{
    public long Owner { get; init; }
    public string Name { get; init; } = "";
    public string Value { get; init; } = "";
}

/// <summary>Aliases and tags of models and their versions, as parts of their caller's transaction.</summary>
public static class ModelMarks
{
    public static ILookup<long, ModelAlias> Aliases(ISession s, IEnumerable<long> models) =>
        s.Query<ModelAlias>(
                "SELECT model, alias, number FROM model_alias WHERE model = ANY(@Models) ORDER BY alias",
                new { Models = models.ToArray() }
            )
            .ToLookup(a => a.Model);

    /// <summary>Points the alias to this version, and to no other.</summary>
    public static void SetAlias(ITransaction t, Caller caller, RegisteredModel model, string alias, long number)
    {
        caller.Require(model.GroupId, Role.Contributor);
        AliasGates.Require(t, model, alias, number);
        Lock(t, model.Id);
        AddMove(t, caller, model, alias, number);
        t.Execute(
            """
            INSERT INTO model_alias (model, alias, number) VALUES (@Id, @alias, @number)
            ON CONFLICT (model, alias) DO UPDATE SET number = excluded.number
            """,
            new
            {
                model.Id,
                alias,
                number,
            }
        );
        Audit.Write(t, caller, "alias", ResourceKind.Model.Name, model.Id, $"{alias} = {number}");
    }

    public static void DeleteAlias(ITransaction t, Caller caller, RegisteredModel model, string alias)
    {
        caller.Require(model.GroupId, Role.Contributor);
        Lock(t, model.Id);
        AddMove(t, caller, model, alias, number: null);
        t.Execute("DELETE FROM model_alias WHERE model = @Id AND alias = @alias", new { model.Id, alias });
    }

    /// <summary>
    /// Brings back the aliases that went with a version when it was deleted: but for those that point elsewhere now, and
    /// those whose gate it does not pass any more.
    /// </summary>
    public static void RestoreAliases(ITransaction t, Caller caller, RegisteredModel model, long number, long deleted)
    {
        Lock(t, model.Id);
        var lost = t.Query<string>(
            "SELECT alias FROM model_alias_move WHERE model = @Id AND before = @number AND number IS NULL AND at = @deleted",
            new
            {
                model.Id,
                number,
                deleted,
            }
        );
        var taken = Aliases(t, [model.Id])[model.Id].Select(a => a.Alias).ToHashSet(StringComparer.Ordinal);
        foreach (var alias in lost.Where(a => !taken.Contains(a) && AliasGates.Missing(t, model, a, number).Count == 0))
        {
            SetAlias(t, caller, model, alias, number);
        }
    }

    /// <summary>Moves of a model's aliases come one after the other, also where transactions run at once.</summary>
    internal static void Lock(ITransaction t, long model) =>
        t.Execute("UPDATE resource SET modified = modified WHERE id = @model", new { model });

    /// <summary>Writes down where the alias goes, unless it is there already.</summary>
    private static void AddMove(ITransaction t, Caller caller, RegisteredModel model, string alias, long? number)
    {
        var before = Aliases(t, [model.Id])[model.Id].FirstOrDefault(a => a.Alias == alias)?.Number;
        if (before == number)
        {
            return;
        }

        t.Execute(
            """
            INSERT INTO model_alias_move (model, alias, number, before, user_id, at)
            VALUES (@Id, @alias, @number, @before, @UserId, @Now)
            """,
            new
            {
                model.Id,
                alias,
                number,
                before,
                caller.UserId,
                t.Now,
            }
        );
    }

    /// <param name="owners">Ids of models or versions.</param>
    public static ILookup<long, ModelTag> Tags(ISession s, IEnumerable<long> owners) =>
        s.Query<ModelTag>(
                "SELECT owner, name, value FROM model_tag WHERE owner = ANY(@Owners) ORDER BY name",
                new { Owners = owners.ToArray() }
            )
            .ToLookup(t => t.Owner);

    /// <param name="model">The model, or the one whose version is tagged.</param>
    public static void SetTag(
        ITransaction t,
        Caller caller,
        RegisteredModel model,
        long owner,
        string name,
        string value
    )
    {
        caller.Require(model.GroupId, Role.Contributor);
        t.Execute(
            """
            INSERT INTO model_tag (owner, name, value) VALUES (@owner, @name, @value)
            ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value
            """,
            new
            {
                owner,
                name,
                value,
            }
        );
    }

    public static void DeleteTag(ITransaction t, Caller caller, RegisteredModel model, long owner, string name)
    {
        caller.Require(model.GroupId, Role.Contributor);
        t.Execute("DELETE FROM model_tag WHERE owner = @owner AND name = @name", new { owner, name });
    }
}

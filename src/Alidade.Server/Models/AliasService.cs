using System.Text.RegularExpressions;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>Aliases of models: names that point to one version, and move to another in one step.</summary>
public sealed partial class AliasService(Stores stores)
{
    private const int MostMoves = 1000;

    public Task<IReadOnlyList<AliasView>> ListAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<AliasView>>(
            s =>
            {
                var model = Get(s, caller, id);
                return Views(s, model.Id);
            },
            cancellation
        );

    public Task<AliasView> SetAsync(
        Caller caller,
        long id,
        string alias,
        AliasInput input,
        CancellationToken cancellation
    )
    {
        Check(alias);
        return stores.Core.WriteAsync(
            t =>
            {
                var model = Get(t, caller, id);
                caller.Require(model.GroupId, Role.Contributor);
                ModelMarks.Lock(t, id);
                if (RegisteredModels.FindVersion(t, id, input.Version) is null)
                {
                    throw new NotFoundException(
                        ModelVersions.Kind.Name,
                        (ResourceKind.Model.IdField, id),
                        (ModelVersions.Kind.IdField, input.Version)
                    );
                }

                var now = ModelMarks.Aliases(t, [id])[id].FirstOrDefault(a => a.Alias == alias)?.Number ?? 0;
                if (input.Expected is { } expected && expected != now)
                {
                    throw new ApiException(
                        StatusCodes.Status409Conflict,
                        "AliasMovedError",
                        $"'{alias}' points to {(now == 0 ? "no version" : $"version {now}")} now. Look again, then decide."
                    );
                }

                ModelMarks.SetAlias(t, caller, model, alias, input.Version);
                return Views(t, id).Single(v => v.Alias == alias);
            },
            cancellation: cancellation
        );
    }

    public Task<AliasView> DeleteAsync(Caller caller, long id, string alias, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var model = Get(t, caller, id);
                ModelMarks.DeleteAlias(t, caller, model, alias);
                return new AliasView(alias, null, null, [.. AliasGates.Of(t, id)[alias]]);
            },
            cancellation: cancellation
        );

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AliasMoveView>> HistoryAsync(
        Caller caller,
        long id,
        string? alias,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyList<AliasMoveView>>(
            s =>
            {
                var model = Get(s, caller, id);
                return
                [
                    .. s.Query<MoveRow>(
                            "SELECT m.alias, m.number, m.before, u.username, m.at FROM model_alias_move m "
                                + "JOIN user_account u ON u.id = m.user_id WHERE m.model = @Id"
                                + (alias is null ? "" : " AND m.alias = @alias")
                                + $" ORDER BY m.id DESC LIMIT {MostMoves}",
                            new { model.Id, alias }
                        )
                        .Select(m => new AliasMoveView(m.Alias, m.Before, m.Number, m.Username, Wire.Time(m.At))),
                ];
            },
            cancellation
        );

    public Task<AliasView> SetGateAsync(
        Caller caller,
        long id,
        string alias,
        GateInput input,
        CancellationToken cancellation
    )
    {
        Check(alias);
        var names = input.Evaluations.Select(e => e.Trim()).Distinct().ToList();
        if (names.Any(n => n.Length is 0 or > 255))
        {
            throw new InvalidInputException(
                "evaluations",
                "Name entrypoints or evaluations, 1 to 255 characters each."
            );
        }

        return stores.Core.WriteAsync(
            t =>
            {
                var model = Get(t, caller, id);
                caller.Require(model.GroupId, Role.Admin);
                AliasGates.Set(t, id, alias, names);
                Audit.Write(t, caller, "gate", ResourceKind.Model.Name, id, $"{alias}: {string.Join(", ", names)}");
                return Views(t, id).FirstOrDefault(v => v.Alias == alias) ?? new AliasView(alias, null, null, []);
            },
            cancellation: cancellation
        );
    }

    private static RegisteredModel Get(ISession s, Caller caller, long id)
    {
        var model = Resources.Get(s, ResourceKind.Model, caller, id);
        return new RegisteredModel
        {
            Id = model.Id,
            GroupId = model.GroupId,
            Name = model.Name!,
        };
    }

    private static IReadOnlyList<AliasView> Views(ISession s, long model)
    {
        var gates = AliasGates.Of(s, model);
        var aliases = ModelMarks.Aliases(s, [model])[model].ToDictionary(a => a.Alias);
        var moved = s.Query<MoveRow>(
                "SELECT alias, MAX(at) AS at FROM model_alias_move WHERE model = @model GROUP BY alias",
                new { model }
            )
            .ToDictionary(m => m.Alias, m => m.At);
        return
        [
            .. aliases
                .Keys.Union(gates.Select(g => g.Key))
                .Order(StringComparer.Ordinal)
                .Select(alias => new AliasView(
                    alias,
                    aliases.GetValueOrDefault(alias)?.Number,
                    moved.TryGetValue(alias, out var at) ? Wire.Time(at) : null,
                    [.. gates[alias]]
                )),
        ];
    }

    private static void Check(string alias)
    {
        if (!Text().IsMatch(alias) || Reserved().IsMatch(alias))
        {
            throw new InvalidInputException(
                "alias",
                "An alias has 1 to 255 letters, digits, - and _; 'latest' and names such as v3 mean something already."
            );
        }
    }

    [GeneratedRegex(@"\A[\w\-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Text();

    [GeneratedRegex(@"\A(latest|v\d+)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();

    private sealed record MoveRow
    {
        public string Alias { get; init; } = "";
        public long? Number { get; init; }
        public long? Before { get; init; }
        public string Username { get; init; } = "";
        public long At { get; init; }
    }
}

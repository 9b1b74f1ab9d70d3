using System.Text.Json;
using Alidade.Engine.Types;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.ParameterTypes;

/// <summary>Types by which a graph is checked to fit together.</summary>
public sealed class ParameterTypeService(Stores stores)
    : VersionedService<ParameterTypeInput, ParameterTypeChange, ParameterTypeView>(stores, ResourceKind.ParameterType)
{
    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        ParameterTypeChange input,
        Versioned? current
    )
    {
        if (BuiltInTypes.Contains(input.Name))
        {
            throw new RefusedException(
                "PluginParameterTypeMatchesBuiltinTypeError",
                $"The name {input.Name} belongs to a built-in type. Choose another."
            );
        }

        if (input.Structure is { ValueKind: JsonValueKind.Object } structure)
        {
            RequireSound(s, group, structure.GetRawText(), current);
        }

        return new Content(input.Name, input.Description, new TypePayload(input.Structure));
    }

    /// <summary>
    /// Clients may change a type to a structure in words of their own, as they may with Dioptra; a graph that uses it
    /// is told so.
    /// </summary>
    private static void RequireSound(ISession s, long group, string structure, Versioned? current)
    {
        if (current is not null && TypeStructure.IsForeign(structure))
        {
            return;
        }

        var others = s.Query<RefRow>(
            "SELECT id, name FROM resource WHERE kind = @Kind AND group_id = @group AND deleted IS NULL",
            new { Kind = ResourceKind.ParameterType.Name, group }
        );
        var names = others.Where(row => row.Id != current?.Id).Select(row => row.Name).ToHashSet();
        if (TypeStructure.Problem(structure, names) is { } problem)
        {
            throw new InvalidInputException("structure", problem);
        }
    }

    public override void RequireChangeable(Versioned current)
    {
        if (BuiltInTypes.Contains(current.Name!))
        {
            throw new ForbiddenException(
                "ReadOnlyLockError",
                $"The type {current.Name} is built in: it can be neither changed nor deleted."
            );
        }
    }

    protected override IReadOnlyList<ParameterTypeView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    ) => [.. rows.Select(r => new ParameterTypeView(r, asSnapshot))];

    protected override ParameterTypeChange ChangeOf(ParameterTypeInput input) =>
        new(input.Name, input.Description, input.Structure);

    protected internal override long GroupOf(ParameterTypeInput input) => input.Group;
}

public sealed record ParameterTypeInput(
    long Group,
    [Name] string Name,
    string? Description = null,
    [Mapping] JsonElement? Structure = null
);

public sealed record ParameterTypeChange(
    [Name] string Name,
    string? Description = null,
    [Mapping] JsonElement? Structure = null
);

public sealed record ParameterTypeView : ResourceView
{
    internal ParameterTypeView(Versioned at, bool asSnapshot)
        : base(at, asSnapshot)
    {
        Name = at.Name!;
        Structure = at.Read<TypePayload>().Structure;
    }

    public string Name { get; }
    public JsonElement? Structure { get; }
}

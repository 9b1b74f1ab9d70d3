using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;

namespace Alidade.Engine.Types;

/// <summary>A type as a document defines it.</summary>
internal sealed record TypeDefinition(string Name, TypeExpression Expression, Place Place);

/// <summary>
/// Every type of a document by name, built in the order they need each other. What is defined wrongly is reported
/// once and unknown from then on.
/// </summary>
internal sealed class TypeTable
{
    private readonly Dictionary<string, EngineType> _types = new(BuiltinTypes.ByName);
    private readonly HashSet<string> _defined;
    private readonly List<Issue> _issues = [];

    private readonly NearNames _near;

    public TypeTable(IReadOnlyList<TypeDefinition> definitions, NearNames near)
    {
        _near = near;
        _defined = [.. definitions.Select(definition => definition.Name), .. BuiltinTypes.ByName.Keys];
        foreach (var definition in definitions.Where(definition => BuiltinTypes.ByName.ContainsKey(definition.Name)))
        {
            Report(definition, "a built-in type cannot be defined again");
        }
        var own = definitions
            .Where(definition => !BuiltinTypes.ByName.ContainsKey(definition.Name))
            .DistinctBy(definition => definition.Name)
            .ToList();
        foreach (var definition in own)
        {
            CheckNames(definition);
        }
        BuildInOrder(own);
    }

    public IReadOnlyList<Issue> Issues => _issues;

    public IEnumerable<string> Names => _defined;

    public bool IsDefined(string name) => _defined.Contains(name);

    /// <summary>The type of this name; unknown when it is not defined, or defined wrongly.</summary>
    public EngineType this[string name] => _types.GetValueOrDefault(name, UnknownType.Instance);

    private void CheckNames(TypeDefinition definition)
    {
        foreach (
            var name in definition.Expression.Names.Where(name => !IsDefined(name.Name)).DistinctBy(name => name.Name)
        )
        {
            var message = $"In definition of type \"{definition.Name}\": there is no type \"{name.Name}\"";
            _issues.Add(Issue.Error(IssueType.Semantic, message, name.Place, _near.Hint(name.Name, _defined)));
        }
    }

    private void BuildInOrder(List<TypeDefinition> definitions)
    {
        var sorter = new StableSorter();
        var byName = definitions.ToDictionary(definition => definition.Name);
        foreach (var definition in definitions)
        {
            sorter.Add(
                definition.Name,
                definition.Expression.Names.Select(name => name.Name).Where(byName.ContainsKey)
            );
        }
        if (sorter.FindCycle() is { } cycle)
        {
            var message = $"The types {StableSorter.Show(cycle)} are defined by each other";
            _issues.Add(Issue.Error(IssueType.Semantic, message, byName[cycle[0]].Place));
        }
        foreach (var name in sorter.Order())
        {
            _types[name] = Build(byName[name], byName[name].Expression, name);
        }
    }

    private EngineType Build(TypeDefinition definition, TypeExpression expression, string? name)
    {
        EngineType Part(TypeExpression part) => Build(definition, part, null);

        return expression switch
        {
            TypeName other => this[other.Name],
            NominalExpression => name is null ? BuiltinTypes.Null : new SimpleType(name),
            SubtypeExpression subtype => BuildSubtype(definition, Part(subtype.Parent), name),
            ListExpression list => new ListType(name, Part(list.Item)),
            TupleExpression tuple => new TupleType(name, [.. tuple.Items.Select(Part)]),
            MappingExpression mapping => BuildMapping(definition, Part(mapping.Key), Part(mapping.Value), name),
            RecordExpression record => new RecordType(
                name,
                record.Properties.ToDictionary(property => property.Key, property => Part(property.Value))
            ),
            UnionExpression union => BuildUnion(definition, [.. union.Members.Select(Part)], name),
            _ => UnknownType.Instance,
        };
    }

    private EngineType BuildSubtype(TypeDefinition definition, EngineType parent, string? name)
    {
        if (parent is SimpleType simple && name is not null)
        {
            return new SimpleType(name, simple);
        }
        if (parent is not UnknownType)
        {
            Report(definition, $"\"is_a\" takes a type that is only a name, not {parent}");
        }
        return UnknownType.Instance;
    }

    private EngineType BuildMapping(TypeDefinition definition, EngineType key, EngineType value, string? name)
    {
        if (key is UnknownType || key.Equals(BuiltinTypes.Text) || key.Equals(BuiltinTypes.Integer))
        {
            return new MappingType(name, key, value);
        }
        Report(definition, $"the keys of a mapping are of type string or integer, not {key}");
        return UnknownType.Instance;
    }

    private UnionType BuildUnion(TypeDefinition definition, List<EngineType> members, string? name)
    {
        var repeated = members.Where((member, place) => members.IndexOf(member) < place && member is not UnknownType);
        var names = string.Join(", ", repeated.Distinct());
        if (names.Length > 0)
        {
            var message = $"In definition of type \"{definition.Name}\": the union names a type twice: {names}";
            _issues.Add(Issue.Warning(IssueType.Semantic, message, definition.Place));
        }
        return new UnionType(name, [.. members.Distinct()]);
    }

    private void Report(TypeDefinition definition, string reason) =>
        _issues.Add(
            Issue.Error(IssueType.Semantic, $"In definition of type \"{definition.Name}\": {reason}", definition.Place)
        );
}

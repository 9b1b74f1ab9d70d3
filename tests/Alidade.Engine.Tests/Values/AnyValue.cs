using System.Numerics;
using Alidade.Engine.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Alidade.Engine.Tests.Values;

/// <summary>Any value a job could be given, references included.</summary>
internal static class AnyValue
{
    public static Gen<Value> Generator { get; } = Gen.Sized(size => OfSize(Math.Min(size, 20)));

    public static Arbitrary<Value> Arbitrary => Generator.ToArbitrary();

    private static Gen<string> Text { get; } =
        Gen.OneOf(
            Gen.Elements("", "$", "v", "a", "$name", "é", "\n\t\"\\", "😀", "null", "1"),
            ArbMap.Default.GeneratorFor<int>().Select(number => $"key{number}")
        );

    private static Gen<Value> Scalar { get; } =
        Gen.OneOf(
            Gen.Constant(Value.Null),
            ArbMap.Default.GeneratorFor<bool>().Select(Value.Of),
            ArbMap.Default.GeneratorFor<int>().Select(number => Value.Of(new BigInteger(number))),
            ArbMap.Default.GeneratorFor<long>().Select(number => Value.Of(new BigInteger(number) * number)),
            ArbMap.Default.GeneratorFor<double>().Select(Value.Of),
            Gen.Elements(Value.Of(double.NaN), Value.Of(1.0), Value.Of(1e300), Value.Of(double.NegativeInfinity)),
            Text.Select(Value.Of)
        );

    private static Gen<Value> Target { get; } =
        from name in Text
        from output in Gen.Elements(null, "out")
        from value in Gen.Elements<Reference>(
            new ParameterReference(name),
            new StepReference(name, output),
            new ArtifactReference(name, output)
        )
        select (Value)new ReferenceValue(value);

    private static Gen<Value> OfSize(int size) =>
        size == 0 ? Scalar : Gen.OneOf(Scalar, Scalar, Target, List(size / 3), Map(size / 3));

    private static Gen<Value> List(int size) =>
        OfSize(size).ListOf().Where(items => items.Count < 6).Select(Value (items) => new ListValue([.. items]));

    private static Gen<Value> Map(int size) =>
        Gen.Zip(Gen.OneOf(Text.Select(Value.Of), Scalar), OfSize(size))
            .ListOf()
            .Where(items => items.Count < 6)
            .Select(
                Value (entries) =>
                {
                    var map = new MapBuilder<Value>();
                    foreach (var (key, value) in entries)
                    {
                        map.Set(key, value);
                    }
                    return new MapValue(map.Entries);
                }
            );
}

using System.Globalization;
using Alidade.Engine.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Alidade.Engine.Yaml;

/// <summary>Writes values as block YAML that <see cref="YamlReader"/> reads back as the same; keys keep their order.</summary>
public static class YamlWriter
{
    public static string Write(Value value)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, Value value)
    {
        switch (value)
        {
            case MapValue map:
                var mapping = map.Entries.Count == 0 ? MappingStyle.Flow : MappingStyle.Block;
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping));
                foreach (var (key, item) in map.Entries)
                {
                    Emit(emitter, key);
                    Emit(emitter, item);
                }

                emitter.Emit(new MappingEnd());
                break;
            case ListValue list:
                var sequence = list.Items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, sequence));
                foreach (var item in list.Items)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case StringValue text:
                emitter.Emit(Text(text.Text));
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, Plain(value), ScalarStyle.Plain, true, false));
                break;
        }
    }

    /// <summary>Quoted where it would read as something else than text.</summary>
    private static Scalar Text(string text)
    {
        var style =
            text.Contains('\n') ? ScalarStyle.Literal
            : IsText(text) ? ScalarStyle.Any
            : ScalarStyle.SingleQuoted;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, true, true);
    }

    private static bool IsText(string text)
    {
        try
        {
            return text is not ("<<" or "=") && YamlScalars.Resolve(text) is StringValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Plain(Value value) =>
        value switch
        {
            BooleanValue flag => flag.Flag ? "true" : "false",
            IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
            FloatValue real => Float(real.Number),
            _ => "null",
        };

    /// <summary>With a point, without which YAML 1.1 takes <c>1e3</c> for text.</summary>
    private static string Float(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? ".nan"
                : number < 0 ? "-.inf"
                : ".inf";
        }

        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var exponent = text.IndexOf('E');
        return text.Contains('.') ? text
            : exponent < 0 ? text + ".0"
            : text.Insert(exponent, ".0");
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Drafts;

/// <summary>Bodies as drafts keep them: as sent, without the group, which is the draft's own.</summary>
internal static class DraftPayload
{
    public const string Group = "group";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonElement body) => Write(body, group: null);

    /// <summary>The body that the draft stands for: that of the change of a resource, or of a new one with its group.</summary>
    public static T Read<T>(DraftRow draft)
        where T : class
    {
        var group = draft is { ResourceId: null, ParentId: null } ? draft.GroupId : (long?)null;
        var body = Write(JsonElement.Parse(draft.Payload), group);
        return InputBody.To<T>(JsonElement.Parse(body));
    }

    /// <summary>Members are copied as they stand; of one that is there twice the last counts, as it does when it is read.</summary>
    private static string Write(JsonElement body, long? group)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            writer.WriteStartObject();
            foreach (var member in body.EnumerateObject().Where(m => m.Name != Group).GroupBy(m => m.Name))
            {
                writer.WritePropertyName(member.Key);
                member.Last().Value.WriteTo(writer);
            }

            if (group is { } id)
            {
                writer.WriteNumber(Group, id);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

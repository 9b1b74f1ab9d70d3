using System.Globalization;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Search;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Traces;

/// <summary>Where a page of traces ended, so that the next begins there although the trace is deleted meanwhile.</summary>
internal sealed record TracePlace(long At, string Id)
{
    public static string TokenOf(TraceRow last) =>
        PageToken.Of(string.Create(CultureInfo.InvariantCulture, $"{last.At}.{last.Id}"));

    public static TracePlace? Read(string? token) =>
        PageToken.Read(token) is not { } text ? null
        : text.Split('.', 2) is [var at, var id] && long.TryParse(at, CultureInfo.InvariantCulture, out var moment)
            ? new TracePlace(moment, id)
        : throw MlflowException.Invalid("Invalid page token, it belongs to another search");

    /// <summary>Whether the trace comes after this place: an older one, or where that is asked a newer one.</summary>
    public bool IsReached(TraceRow trace, bool oldestFirst)
    {
        var order = trace.At != At ? trace.At.CompareTo(At) : string.CompareOrdinal(trace.Id, Id);
        return oldestFirst ? order > 0 : order < 0;
    }
}

using System.Text.Json;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>What the server knows of one attempt.</summary>
public sealed class ServerAttempt(Grant grant)
{
    private readonly List<JsonElement> _events = [];

    public Grant Grant { get; } = grant;

    /// <summary>The session that owns it; null while it waits or when it is over.</summary>
    public long? Owner { get; set; }

    public bool CancelRequested { get; set; }

    public bool Released { get; set; }

    /// <summary>Every report that came, repetitions too.</summary>
    public List<FinishRequest> Reports { get; } = [];

    public FinishRequest? End { get; set; }

    public IReadOnlyList<JsonElement> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public IEnumerable<string> Lines(string stream) =>
        Events
            .Where(e => e.GetProperty("k").ValueEquals("log") && e.GetProperty("s").ValueEquals(stream))
            .Select(e => e.GetProperty("m").GetString()!);

    /// <summary>Takes the lines that are new.</summary>
    /// <returns>The number up to which all are here.</returns>
    public long Take(IEnumerable<JsonElement> lines)
    {
        lock (_events)
        {
            foreach (var line in lines)
            {
                var number = line.GetProperty("n").GetInt64();
                if (number == _events.Count + 1)
                {
                    _events.Add(line);
                }
                else if (number > _events.Count + 1)
                {
                    break;
                }
            }

            return _events.Count;
        }
    }

    /// <summary>As a server restored from an older copy does.</summary>
    public void ForgetEventsAfter(int number)
    {
        lock (_events)
        {
            _events.RemoveRange(number, Math.Max(0, _events.Count - number));
        }
    }
}

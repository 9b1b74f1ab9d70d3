using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Runs;

/// <summary>A trace under several writers, alike on both databases.</summary>
public abstract class TraceCompliance(ITestStore where) : IAsyncLifetime
{
    private const string Id = "tr-1";

    private IStore _core = null!;

    public async ValueTask InitializeAsync()
    {
        _core = await where.OpenAsync();
        await WriteAsync(t => Traces.Add(t, new TraceRow { Id = Id, Experiment = 1 }));
    }

    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync();
        await where.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Who_locks_it_reads_what_all_before_wrote()
    {
        const int Writers = 16;

        await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(_ =>
                    WriteAsync(t =>
                    {
                        var trace = Traces.Lock(t, Id)!;
                        Traces.Change(t, trace with { At = trace.At + 1 });
                    })
                )
        );

        Assert.Equal(Writers, (await _core.ReadAsync(s => Traces.Find(s, Id)))!.At);
    }

    [Fact]
    public async Task A_change_does_not_bring_back_one_that_was_deleted()
    {
        var known = await _core.ReadAsync(s => Traces.Find(s, Id));
        await WriteAsync(t => Traces.Delete(t, 1, [Id]));

        await WriteAsync(t => Traces.Change(t, known! with { State = "OK" }));

        Assert.Null(await _core.ReadAsync(s => Traces.Find(s, Id)));
    }

    private Task WriteAsync(Action<ITransaction> work) =>
        _core.WriteAsync(t =>
        {
            work(t);
            return 0;
        });
}

public sealed class SqliteTraceTests() : TraceCompliance(new SqliteTestStore());

public sealed class PostgresTraceTests() : TraceCompliance(new PostgresTestStore());

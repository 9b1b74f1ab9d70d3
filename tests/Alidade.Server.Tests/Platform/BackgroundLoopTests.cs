using System.Threading.Channels;
using Alidade.Server.Platform.Background;

namespace Alidade.Server.Tests.Platform;

public sealed class BackgroundLoopTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_round_that_fails_is_told_and_the_next_one_runs()
    {
        using var loop = new Loop();
        await loop.StartAsync(Cancelled);

        await loop.RunAsync(() => throw new InvalidOperationException("a fault"));
        // What a wait ends with that somebody else gave up, as an HTTP client does after its time limit.
        await loop.RunAsync(() => throw new TaskCanceledException());
        await loop.RunAsync(() => Task.CompletedTask);

        Assert.Equal([typeof(InvalidOperationException), typeof(TaskCanceledException)], loop.Faults);
        await loop.StopAsync(Cancelled);
    }

    [Fact]
    public async Task The_end_of_the_server_ends_a_round_and_is_no_fault()
    {
        using var loop = new Loop();
        await loop.StartAsync(Cancelled);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var round = loop.RunAsync(() =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.Infinite, loop.Cancellation);
        });
        await begun.Task;

        await loop.StopAsync(Cancelled);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round);
        Assert.Empty(loop.Faults);
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);
    }

    private sealed class Loop : BackgroundLoop
    {
        private readonly Channel<(Func<Task> Round, TaskCompletionSource Ended)> _rounds = Channel.CreateUnbounded<(
            Func<Task>,
            TaskCompletionSource
        )>();

        private TaskCompletionSource? _told;

        public List<Type> Faults { get; } = [];

        public CancellationToken Cancellation { get; private set; }

        /// <summary>Ends with the round; one that fails ends it when that has been told.</summary>
        public Task RunAsync(Func<Task> round)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(_rounds.Writer.TryWrite((round, ended)));
            return ended.Task;
        }

        protected override ValueTask<bool> NextAsync(CancellationToken cancellation) =>
            _rounds.Reader.WaitToReadAsync(cancellation);

        protected override async Task RunAsync(CancellationToken cancellation)
        {
            Cancellation = cancellation;
            var (round, ended) = await _rounds.Reader.ReadAsync(cancellation);
            _told = ended;
            try
            {
                await round();
                ended.SetResult();
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                ended.SetCanceled(cancellation);
                throw;
            }
        }

        protected override void Failed(Exception error)
        {
            Faults.Add(error.GetType());
            _told!.SetResult();
        }
    }
}

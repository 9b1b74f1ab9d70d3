using System.Runtime.InteropServices;

namespace Alidade.Commands;

/// <summary>
/// SIGINT and SIGTERM for commands that end in an orderly way: the first asks to drain, the second not to wait.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _leave = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Received),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Received),
        ];
    }

    public CancellationToken Drain => _drain.Token;

    public CancellationToken Leave => _leave.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _drain.Dispose();
        _leave.Dispose();
    }

    private void Received(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_gate)
        {
            (_drain.IsCancellationRequested ? _leave : _drain).Cancel();
        }
    }
}

/// <summary>A command that handles its signals itself, by <see cref="StopSignals"/>.</summary>
internal interface IHandlesSignals;

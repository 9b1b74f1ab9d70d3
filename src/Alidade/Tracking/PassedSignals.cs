using System.Runtime.InteropServices;

namespace Alidade.Tracking;

/// <summary>
/// Hands signals on to the command. What a terminal sends it sends to every process of the foreground group, the command
/// among them, so those are not sent twice.
/// </summary>
internal sealed class PassedSignals : IDisposable
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigQuit = 3;
    private const int SigUsr1 = 10;
    private const int SigUsr2 = 12;
    private const int SigTerm = 15;

    private readonly Lock _gate = new();
    private readonly List<int> _early = [];
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int? _process;

    public PassedSignals()
    {
        foreach (var number in new[] { SigHup, SigInt, SigQuit, SigUsr1, SigUsr2, SigTerm })
        {
            // The framework names some signals; the others are taken by their number.
            var signal = number switch
            {
                SigHup => PosixSignal.SIGHUP,
                SigInt => PosixSignal.SIGINT,
                SigQuit => PosixSignal.SIGQUIT,
                SigTerm => PosixSignal.SIGTERM,
                _ => (PosixSignal)number,
            };
            _registrations.Add(
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = true;
                        Pass(number);
                    }
                )
            );
        }
    }

    /// <summary>From now on to this process, with what arrived before it was there.</summary>
    public void To(int process)
    {
        lock (_gate)
        {
            _process = process;
            _early.ForEach(signal => Kill(process, signal));
        }
    }

    /// <summary>The process is gone; its number may soon be another's.</summary>
    public void ToNobody()
    {
        lock (_gate)
        {
            _process = null;
        }
    }

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Pass(int signal)
    {
        lock (_gate)
        {
            if (_process is not { } process)
            {
                _early.Add(signal);
            }
            else if (signal is not (SigInt or SigQuit or SigHup) || !IsInForeground())
            {
                _ = Kill(process, signal);
            }
        }
    }

    private static bool IsInForeground()
    {
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            var foreground = ForegroundGroup(descriptor);
            if (foreground >= 0)
            {
                return foreground == OwnGroup();
            }
        }

        return false;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "tcgetpgrp")]
    private static extern int ForegroundGroup(int descriptor);

    [DllImport("libc", EntryPoint = "getpgrp")]
    private static extern int OwnGroup();
}

using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Alidade.Worker.Processes;

/// <summary>
/// The few calls to Linux that .NET lacks: the numbers, flags and layouts used here are the same on every architecture that
/// .NET runs on.
/// </summary>
internal static unsafe partial class Native
{
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;
    private const long OpenAt2 = 437;
    private const int NoSuchProcess = 3;
    private const int CurrentFolder = -100;

    public static SafeFileHandle? OpenProcess(int pid)
    {
        var handle = Call(PidfdOpen, pid, 0);
        return handle >= 0 ? new SafeFileHandle((nint)handle, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == NoSuchProcess ? null
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public static void Signal(SafeFileHandle process, int signal)
    {
        var sent = Call(PidfdSendSignal, process.DangerousGetHandle(), signal, 0, 0);
        if (sent < 0 && Marshal.GetLastPInvokeError() != NoSuchProcess)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Opens a file below <paramref name="folder"/> for reading; no part of <paramref name="relative"/> may be a link or
    /// lead outside, which the kernel checks while it opens, and a pipe does not block.
    /// </summary>
    public static SafeFileHandle OpenBeneath(string folder, string relative)
    {
        const ulong readNonBlockingCloseOnExec = 0x80800;
        const ulong beneathWithoutLinks = 0x08 | 0x04;
        using var root = OpenFolder(folder);
        var how = new OpenHow { Flags = readNonBlockingCloseOnExec, Resolve = beneathWithoutLinks };
        fixed (byte* name = Encoding.UTF8.GetBytes(relative + '\0'))
        {
            var handle = Call(OpenAt2, root.DangerousGetHandle(), (nint)name, (nint)(&how), sizeof(OpenHow));
            return handle >= 0
                ? new SafeFileHandle((nint)handle, ownsHandle: true)
                : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
    }

    /// <summary>A folder as a place to go from; what it holds is not read.</summary>
    public static SafeFileHandle OpenFolder(string folder)
    {
        const ulong pathOnlyCloseOnExec = 0x280000;
        var how = new OpenHow { Flags = pathOnlyCloseOnExec };
        fixed (byte* name = Encoding.UTF8.GetBytes(folder + '\0'))
        {
            var handle = Call(OpenAt2, CurrentFolder, (nint)name, (nint)(&how), sizeof(OpenHow));
            return handle >= 0
                ? new SafeFileHandle((nint)handle, ownsHandle: true)
                : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
    }

    /// <summary>
    /// What a folder is to the kernel, whatever path leads to it: its device and its number there. Devices that are no
    /// disks (overlays, network file systems) may be numbered anew with each mount.
    /// </summary>
    public static string IdentityOf(string folder)
    {
        const uint number = 0x100;
        return StatX(CurrentFolder, folder, 0, number, out var found) == 0
            ? $"{found.DeviceMajor}:{(found.DeviceMajor == 0 ? 0 : found.DeviceMinor)}:{found.Number}"
            : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, nint a, nint b, nint c = 0, nint d = 0);

    // By name: its number differs between architectures, what it fills does not.
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int at, string path, int flags, uint mask, out FileFacts found);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileFacts
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Alidade.Storage.Blobs;

/// <summary>Makes the names in a folder durable, which the framework has no call for.</summary>
public static class DirectorySync
{
    private const int ReadOnly = 0;

    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failed("opened", folder);
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed("synced", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string what, string folder) =>
        new($"The folder {folder} could not be {what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}

namespace Alidade.Worker.Doctor;

/// <summary>The worker's data folder and the room on its disk.</summary>
internal static class DiskExamination
{
    private const long Gib = 1L << 30;

    /// <summary>Below this jobs are not read from any more: the reserve that each attempt leaves.</summary>
    private const long Reserve = 256L << 20;

    public static IReadOnlyList<Finding> Run(WorkerOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.DataFolder);
            var probe = Path.Combine(options.DataFolder, $"doctor-{Guid.NewGuid():N}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return [Folder(options.DataFolder), Room(options)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return
            [
                Finding.Bad(
                    "folder",
                    $"{options.DataFolder} cannot be written: {e.Message}",
                    "Give another with --data, or let the worker's user own this one."
                ),
            ];
        }
    }

    private static Finding Folder(string path)
    {
        try
        {
            WorkerFolder.Open(path).Dispose();
            return Finding.Good("folder", $"{path} can be used.");
        }
        catch (WorkerOptionsException)
        {
            return Finding.Good("folder", $"{path} is in use: a worker runs over it now.");
        }
    }

    private static Finding Room(WorkerOptions options)
    {
        var free = new DriveInfo(options.DataFolder).AvailableFreeSpace;
        var shown = $"{free / (double)Gib:0.0} GiB are free under {options.DataFolder}";
        const string fix = "Make room, or give a folder on another disk with --data.";
        return free < Reserve * 2 ? Finding.Bad("disk", $"{shown}; jobs stop when less than 0.25 GiB are.", fix)
            : free < options.BlobCacheBytes ? Finding.Fair("disk", $"{shown}, less than the file cache may take.", fix)
            : Finding.Good("disk", $"{shown}.");
    }
}

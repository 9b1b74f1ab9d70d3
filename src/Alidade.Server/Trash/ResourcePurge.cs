using Alidade.Storage.Platform;

namespace Alidade.Server.Trash;

/// <summary>Makes a deleted resource one that cannot come back, and frees what only it held.</summary>
internal static class ResourcePurge
{
    /// <summary>What is below it goes with it. Runs are marked here and deleted by <see cref="Sweeper"/>.</summary>
    public static void Purge(ITransaction t, string kind, long id)
    {
        var marked = t.Execute(
            "UPDATE resource SET purged = @Now WHERE id = @id AND deleted IS NOT NULL AND purged IS NULL",
            new { t.Now, id }
        );
        if (marked == 0)
        {
            return;
        }

        var args = new { t.Now, id };
        t.Execute("DELETE FROM resource_tag WHERE resource_id = @id", args);
        switch (kind)
        {
            case "experiment":
                t.Execute(
                    "UPDATE run SET deleted = COALESCE(deleted, @Now), purged = @Now WHERE experiment = @id AND job IS NULL AND purged IS NULL",
                    args
                );
                // Long deleted, so that the sweep takes them at once.
                t.Execute("UPDATE logged_model SET deleted = 0 WHERE experiment = @id", args);
                t.Execute("DELETE FROM experiment_tag WHERE experiment = @id", args);
                break;
            case "ml_model":
                t.Execute("DELETE FROM model_alias WHERE model = @id", args);
                t.Execute(
                    "DELETE FROM model_tag WHERE owner = @id OR owner IN (SELECT id FROM model_version WHERE model_id = @id)",
                    args
                );
                t.Execute(
                    "UPDATE resource SET deleted = COALESCE(deleted, @Now), purged = @Now "
                        + "WHERE parent_id = @id AND kind = 'ml_model_version' AND purged IS NULL",
                    args
                );
                break;
            case "ml_model_version":
                t.Execute("DELETE FROM model_tag WHERE owner = @id", args);
                break;
            case "artifact":
                t.Execute("DELETE FROM run_artifact WHERE resource = @id", args);
                break;
        }
    }
}

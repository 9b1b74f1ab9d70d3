using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Resources;

/// <summary>Who changed what, written in the transaction that changes it.</summary>
public static class Audit
{
    /// <param name="kind">What was changed; with the kind of a resource its group is found by itself.</param>
    /// <param name="group">Whose admins may read it; without one it is for the admins of the public group.</param>
    public static void Write(
        ITransaction t,
        Caller? caller,
        string action,
        string kind,
        long? id,
        string? detail = null,
        long? group = null
    ) =>
        t.Execute(
            "INSERT INTO audit (at, user_id, token_id, action, kind, object_id, detail, group_id) "
                + "VALUES (@Now, @User, @Token, @action, @kind, @id, @detail, "
                + "COALESCE(@group, (SELECT r.group_id FROM resource r WHERE r.id = @id AND r.kind = @kind)))",
            new
            {
                t.Now,
                User = caller?.UserId,
                Token = caller?.Token?.Id,
                action,
                kind,
                id,
                detail,
                group,
            }
        );
}

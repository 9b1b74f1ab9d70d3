using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Resources;

/// <summary>Who changed what, written in the transaction that changes it.</summary>
public static class Audit
{
    public static void Write(
        ITransaction t,
        Caller? caller,
        string action,
        string kind,
        long? id,
        string? detail = null
    ) =>
        t.Execute(
            "INSERT INTO audit (at, user_id, action, kind, object_id, detail) VALUES (@Now, @User, @action, @kind, @id, @detail)",
            new
            {
                t.Now,
                User = caller?.UserId,
                action,
                kind,
                id,
                detail,
            }
        );
}

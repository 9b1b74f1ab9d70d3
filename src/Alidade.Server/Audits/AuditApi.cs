using Alidade.Server.Platform.Security;

namespace Alidade.Server.Audits;

/// <summary><c>/audit</c>: who changed what.</summary>
public static class AuditApi
{
    public static void MapAuditApi(this IEndpointRouteBuilder api) =>
        api.MapGet(
                "/audit",
                (AuditQuery query, Caller caller, AuditService audit, HttpContext context) =>
                    audit.ListAsync(caller, query, AuditQuery.Carried(context.Request.Query), context.RequestAborted)
            )
            .WithTags("audit")
            .WithSummary("Who changed what, newest first; for admins")
            .Needs(Access.Watch);
}

namespace Alidade.Server.Pages.Web;

/// <summary>The address people use for this server, as their browser asked for it.</summary>
internal static class ServerAddress
{
    public static string Of(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";
}

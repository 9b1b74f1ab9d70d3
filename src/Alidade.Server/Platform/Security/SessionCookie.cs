namespace Alidade.Server.Platform.Security;

/// <summary>The cookie of a signed-in person or client.</summary>
public static class SessionCookie
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    private const string Plain = "alidade_session";
    private const string Secure = "__Host-alidade_session";

    public static string? Read(HttpRequest request) => request.Cookies[Secure] ?? request.Cookies[Plain];

    public static void Write(HttpContext context, string secret, TimeProvider time) =>
        context.Response.Cookies.Append(NameFor(context), secret, Options(context, time.GetUtcNow() + Lifetime));

    public static void Delete(HttpContext context) =>
        context.Response.Cookies.Append(NameFor(context), "", Options(context, DateTimeOffset.UnixEpoch));

    private static string NameFor(HttpContext context) => context.Request.IsHttps ? Secure : Plain;

    private static CookieOptions Options(HttpContext context, DateTimeOffset expires) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            Path = "/",
            Expires = expires,
        };
}

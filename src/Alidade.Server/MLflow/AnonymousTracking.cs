using Alidade.Server.Configuration;
using Alidade.Server.Groups;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow;

/// <summary>
/// Who calls without credentials act as where <c>--tracking anonymous</c> allows it: a contributor of the public group,
/// on MLflow's paths and nowhere else.
/// </summary>
public sealed class AnonymousTracking(Stores stores, ServerOptions options)
{
    /// <summary>The account that a migration made; nobody can sign in as it.</summary>
    private const long UserId = 0;

    private Caller? _caller;

    private readonly bool _isAllowed = options.Tracking == "anonymous" && options.Http.IsPrivate;

    public bool Allows(HttpContext context) => _isAllowed && RemoteAddress.IsOfThisMachine(context);

    public async Task<Caller> CallerAsync(CancellationToken cancellation)
    {
        if (_caller is null)
        {
            var group =
                await stores.Core.ReadAsync(PublicGroup.Find, cancellation)
                ?? await stores.Core.WriteAsync(
                    t => PublicGroup.Find(t) ?? PublicGroup.Make(t, UserId),
                    cancellation: cancellation
                );
            _caller = new Caller(
                UserId,
                "anonymous tracking",
                new Dictionary<long, Role> { [group] = Role.Contributor }
            )
            {
                PublicGroup = group,
            };
        }

        return _caller;
    }
}

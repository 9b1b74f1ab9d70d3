using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Who has an account.</summary>
public sealed class UserService(Stores stores)
{
    public Task<bool> AnyAsync(CancellationToken cancellation) => stores.Core.ReadAsync(UserRows.Any, cancellation);

    /// <summary>Whether the server has its admin; if not, a one-time link or this machine makes one.</summary>
    public Task<bool> AnyAdminAsync(CancellationToken cancellation) =>
        stores.Core.ReadAsync(UserRows.AnyAdmin, cancellation);

    /// <summary>The caller's account. A token that is limited to some groups does not learn of the others.</summary>
    public async Task<CurrentUserView> CurrentAsync(Caller caller, CancellationToken cancellation)
    {
        var user = await stores.Core.ReadAsync(s => UserRows.Current(s, caller.UserId), cancellation);
        return user with { Groups = [.. user.Groups.Where(g => caller.Groups.ContainsKey(g.Id))] };
    }

    public Task<Page<UserView>> ListAsync(Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var search = Search.CompileColumns(
                    listing.Search,
                    ("username", "LOWER(username)"),
                    ("email", "LOWER(email)")
                );
                var args = search.Arguments;
                args["Limit"] = listing.Limit;
                args["Offset"] = listing.Index;
                var where = "WHERE deleted IS NULL" + search.Where;
                var total = s.Scalar<long>($"SELECT COUNT(*) FROM user_account {where}", args);
                var rows = s.Query<UserRow>($"{UserRows.Select}{where} ORDER BY id LIMIT @Limit OFFSET @Offset", args);
                return Page.Of("users", listing, total, [.. rows.Select(View)]);
            },
            cancellation
        );

    public Task<UserView> GetAsync(long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(UserRows.Living(s, id)), cancellation);

    public Task<CurrentUserView> ModifyAsync(Caller caller, UserChange input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                UserRows.RequireFree(t, input.Username, input.Email, caller.UserId);
                t.Execute(
                    "UPDATE user_account SET username = @Username, email = @Email, modified = @Now WHERE id = @UserId",
                    new
                    {
                        input.Username,
                        input.Email,
                        t.Now,
                        caller.UserId,
                    }
                );
                Audit.Write(t, caller, "rename", UserRows.Kind, caller.UserId, input.Username);
                return UserRows.Current(t, caller.UserId);
            },
            cancellation: cancellation
        );

    private static UserView View(UserRow user) => new(user.Id, user.Username, user.Email);
}

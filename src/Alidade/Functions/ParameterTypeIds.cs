using Alidade.Client;

namespace Alidade.Functions;

/// <summary>Ids of plugin parameter types by name.</summary>
internal static class ParameterTypeIds
{
    public static async Task<Dictionary<string, long>> ReadAsync(AlidadeClient client, CancellationToken cancellation)
    {
        var ids = new Dictionary<string, long>();
        await foreach (var type in client.ParameterTypes.AllAsync(cancellation: cancellation))
        {
            ids[type.Name] = type.Id;
        }

        return ids;
    }
}

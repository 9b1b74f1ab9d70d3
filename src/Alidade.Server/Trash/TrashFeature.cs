namespace Alidade.Server.Trash;

/// <summary>The trash and its sweep.</summary>
public static class TrashFeature
{
    public static void AddTrash(this IServiceCollection services)
    {
        services.AddSingleton<Sweeper>();
        services.AddSingleton<TrashService>();
        services.AddHostedService<TrashLoop>();
    }
}

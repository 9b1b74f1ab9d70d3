namespace Alidade.Storage.Platform;

/// <summary>
/// The store cannot take writes now. Nothing of the command was kept, unless the connection broke during its commit:
/// what is sent again must be recognised.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// What the work read was changed by another transaction before it wrote; nothing of it was kept. A store with more than
/// one writer runs the work again.
/// </summary>
public sealed class ConcurrentChangeException(string message) : Exception(message);

/// <summary>A unique rule refused the command; nothing of it was kept.</summary>
public sealed class UniqueViolationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database that was named cannot be used; the message says why and what an address looks like.</summary>
public sealed class DatabaseException(string why, Exception inner)
    : Exception(
        $"{why.TrimEnd('.')}. Its address is written as \"Host=db.example.org;Port=5432;Username=alidade;Password=…;Database=alidade\".",
        inner
    );

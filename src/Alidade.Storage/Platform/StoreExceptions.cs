namespace Alidade.Storage.Platform;

/// <summary>The store cannot take writes now; nothing of the command was kept.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A unique rule refused the command; nothing of it was kept.</summary>
public sealed class UniqueViolationException(string message, Exception? inner = null) : Exception(message, inner);

namespace Alidade.Storage.Platform;

/// <summary>
/// The rows of a statement that was asked. Looking at them waits for it, and with it for all that was asked before.
/// </summary>
public sealed class Answer<T>
{
    private readonly Action? _wait;
    private IReadOnlyList<T>? _rows;

    internal Answer(IReadOnlyList<T> rows) => _rows = rows;

    internal Answer(Action wait) => _wait = wait;

    public IReadOnlyList<T> Rows
    {
        get
        {
            if (_rows is null)
            {
                _wait?.Invoke();
            }

            return _rows ?? throw new InvalidOperationException("The statement failed, so it has no answer.");
        }
    }

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public T? First => Rows.Count == 0 ? default : Rows[0];

    internal void Set(IReadOnlyList<T> rows) => _rows = rows;
}

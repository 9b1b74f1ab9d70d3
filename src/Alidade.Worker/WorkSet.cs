namespace Alidade.Worker;

/// <summary>Tasks that go on beside each other, so that an end can wait for all of them. None of them may fail.</summary>
internal sealed class WorkSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _tasks = [];

    public void Add(Task task)
    {
        lock (_gate)
        {
            _tasks.Add(task);
        }

        task.ContinueWith(Remove, TaskScheduler.Default);
    }

    /// <summary>Waits for all, and for those that they begin.</summary>
    public async Task DoneAsync()
    {
        while (Running() is { Length: > 0 } running)
        {
            await Task.WhenAll(running);
        }
    }

    private Task[] Running()
    {
        lock (_gate)
        {
            return [.. _tasks.Where(task => !task.IsCompleted)];
        }
    }

    private void Remove(Task task)
    {
        lock (_gate)
        {
            _tasks.Remove(task);
        }
    }
}

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

    public Task DoneAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_tasks);
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

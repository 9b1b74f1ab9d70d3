-- What plugins, entrypoints and experiments are made of, as far as it is searched, sorted or joined.
CREATE TABLE plugin_snapshot_file (
    plugin_snapshot BIGINT NOT NULL,
    file_id BIGINT NOT NULL,
    file_snapshot BIGINT NOT NULL,
    PRIMARY KEY (plugin_snapshot, file_id)
);

-- kind: function, artifact
CREATE TABLE plugin_task (
    id {autoid},
    file_snapshot BIGINT NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE INDEX plugin_task_file ON plugin_task (file_snapshot, position);

-- direction: input, output
CREATE TABLE plugin_task_parameter (
    task_id BIGINT NOT NULL REFERENCES plugin_task (id),
    direction TEXT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    type_id BIGINT NOT NULL,
    type_snapshot BIGINT NOT NULL,
    required INTEGER NOT NULL,
    PRIMARY KEY (task_id, direction, position)
);

-- role: plugin, artifact. Which snapshots an entrypoint snapshot runs.
CREATE TABLE entrypoint_pin (
    entrypoint_snapshot BIGINT NOT NULL,
    role TEXT NOT NULL,
    position BIGINT NOT NULL,
    plugin_id BIGINT NOT NULL,
    plugin_snapshot BIGINT NOT NULL,
    PRIMARY KEY (entrypoint_snapshot, role, plugin_id)
);
CREATE INDEX entrypoint_pin_plugin ON entrypoint_pin (plugin_id);

-- Links belong to the resource, not to a snapshot.
CREATE TABLE entrypoint_queue (
    entrypoint_id BIGINT NOT NULL REFERENCES resource (id),
    queue_id BIGINT NOT NULL REFERENCES resource (id),
    PRIMARY KEY (entrypoint_id, queue_id)
);
CREATE INDEX entrypoint_queue_queue ON entrypoint_queue (queue_id);

CREATE TABLE experiment_entrypoint (
    experiment_id BIGINT NOT NULL REFERENCES resource (id),
    entrypoint_id BIGINT NOT NULL REFERENCES resource (id),
    PRIMARY KEY (experiment_id, entrypoint_id)
);
CREATE INDEX experiment_entrypoint_entrypoint ON experiment_entrypoint (entrypoint_id);

-- The data folders that a job needs are part of what it asks of a worker: a JSON list of names in order.
-- only sqlite
CREATE TABLE lane_with_data (
    id {autoid},
    queue BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    labels TEXT NOT NULL,
    cpu BIGINT NOT NULL,
    memory BIGINT NOT NULL,
    gpus BIGINT NOT NULL,
    data_folders TEXT NOT NULL DEFAULT '[]',
    UNIQUE (queue, group_id, labels, cpu, memory, gpus, data_folders)
);
INSERT INTO lane_with_data (id, queue, group_id, labels, cpu, memory, gpus)
    SELECT id, queue, group_id, labels, cpu, memory, gpus FROM lane;
DROP TABLE lane;
ALTER TABLE lane_with_data RENAME TO lane;
-- end
-- only postgres
ALTER TABLE lane ADD COLUMN data_folders TEXT NOT NULL DEFAULT '[]';
ALTER TABLE lane DROP CONSTRAINT lane_queue_group_id_labels_cpu_memory_gpus_key;
ALTER TABLE lane ADD UNIQUE (queue, group_id, labels, cpu, memory, gpus, data_folders);
-- end

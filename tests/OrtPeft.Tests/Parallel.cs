// One at a time, because some measure memory; those that compute most say that they may run at once, and then two do.
[assembly: LevelOfParallelism(2)]

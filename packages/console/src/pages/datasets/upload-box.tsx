// Where a file is dropped or chosen; it is sent at once and opened when it is imported.
import { Box, Button, FileButton, Progress, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { useSession } from "../../session/session.tsx";
import { nameOf } from "./dataset-name.ts";
import { upload } from "./upload.ts";

export function UploadBox() {
  const { secret } = useSession();
  const [name, setName] = useState("");
  const [over, setOver] = useState(false);
  const [share, setShare] = useState(0);
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (file: File) => {
      setShare(0);
      return upload({ file, name: name.trim() || nameOf(file.name), secret, onProgress: setShare });
    },
    onSuccess: async ({ dataset }) => {
      await queries.invalidateQueries({ queryKey: ["datasets"] });
      await queries.invalidateQueries({ queryKey: ["dataset", dataset] });
      navigate(`/datasets/${dataset}`);
    },
  });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined && !sending.isPending) sending.mutate(file);
  };
  return (
    <Stack>
      <Box
        className="drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {sending.isPending ? (
          <Stack gap="xs" align="center">
            <Text size="sm">
              {share < 1
                ? `Sending ${sending.variables.name}: ${Math.round(share * 100)}%`
                : "The server stores the file"}
            </Text>
            <Progress value={share * 100} w="100%" maw={400} aria-label="Upload" />
          </Stack>
        ) : (
          <Stack gap="xs" align="center">
            <Text>Drop a CSV, TSV, JSON or Parquet file here</Text>
            <FileButton
              onChange={(file) => file !== null && sending.mutate(file)}
              inputProps={{ "aria-label": "File" }}
            >
              {(props) => <Button {...props}>Choose a file</Button>}
            </FileButton>
            <TextInput
              size="xs"
              placeholder="name (default: the file's)"
              aria-label="Name of the data set"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </Stack>
        )}
      </Box>
      {sending.error !== null && <Failure error={sending.error} />}
    </Stack>
  );
}

#include "common/resp/reader.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <hiredis/read.h>

#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {

namespace {

// How many elements the reply that is being read may still hold.
struct Budget {
  int left = 0;
  bool exceeded = false;
};

using Kind = RespReply::Kind;

// The reader knows each task's parent object: a child goes into its place there. It owns the root
// until it hands it out.
void* place(const redisReadTask* task, RespReply reply) {
  if (task->parent == nullptr) {
    return new RespReply(std::move(reply));
  }
  auto* parent = static_cast<RespReply*>(task->parent->obj);
  RespReply& slot = parent->elements[static_cast<std::size_t>(task->idx)];
  slot = std::move(reply);
  return &slot;
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
  RespReply reply;
  reply.kind = task->type == REDIS_REPLY_STATUS  ? Kind::status
               : task->type == REDIS_REPLY_ERROR ? Kind::error
                                                 : Kind::bulk;
  reply.text.assign(bytes, size);
  return place(task, std::move(reply));
}

void* make_integer(const redisReadTask* task, long long value) {
  RespReply reply;
  reply.kind = Kind::integer;
  reply.integer = value;
  return place(task, std::move(reply));
}

void* make_nil(const redisReadTask* task) {
  return place(task, RespReply());
}

void* make_array(const redisReadTask* task, int elements) {
  auto* budget = static_cast<Budget*>(task->privdata);
  if (elements > budget->left) {
    budget->exceeded = true;
    return nullptr;  // the reader takes it for want of memory and stops
  }
  budget->left -= elements;
  RespReply reply;
  reply.kind = Kind::array;
  reply.elements.resize(static_cast<std::size_t>(elements));
  return place(task, std::move(reply));
}

void free_reply(void* reply) {
  delete static_cast<RespReply*>(reply);
}

}  // namespace

struct RespReader::State {
  explicit State(Limits its_limits)
      : limits(its_limits), reader(redisReaderCreateWithFunctions(&functions), redisReaderFree) {
    ORAMA_ASSERT(reader != nullptr);
    reader->privdata = &budget;
  }
  Error fail();

  Limits limits;
  Budget budget{limits.elements};
  std::size_t unread = 0;  // bytes fed that belong to no reply given out yet
  std::optional<Error> broken;
  redisReplyObjectFunctions functions{make_text, make_array, make_integer, make_nil, free_reply};
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader;
};

Error RespReader::State::fail() {
  broken = budget.exceeded
               ? make_error(Errc::too_large, "a reply holds more than " +
                                                 std::to_string(limits.elements) + " elements")
               : make_error(Errc::failed, std::string("a reply is no RESP2: ") + reader->errstr);
  return *broken;
}

RespReader::RespReader() : RespReader(Limits{}) {}
RespReader::RespReader(Limits limits) : state_(std::make_unique<State>(limits)) {}
RespReader::~RespReader() = default;
RespReader::RespReader(RespReader&&) noexcept = default;
RespReader& RespReader::operator=(RespReader&&) noexcept = default;

void RespReader::feed(std::string_view bytes) {
  if (state_->broken || bytes.empty()) {
    return;
  }
  state_->unread += bytes.size();
  ORAMA_ASSERT(redisReaderFeed(state_->reader.get(), bytes.data(), bytes.size()) == REDIS_OK);
}

Result<std::optional<RespReply>> RespReader::next() {
  State& s = *state_;
  if (s.broken) {
    return *s.broken;
  }
  void* out = nullptr;
  const int outcome = redisReaderGetReply(s.reader.get(), &out);
  const std::unique_ptr<RespReply> reply(static_cast<RespReply*>(out));
  const std::size_t left = s.reader->len - s.reader->pos;
  if (outcome != REDIS_OK) {
    return s.fail();
  }
  // What hiredis has taken out of its buffer for a reply that is not whole yet counts too.
  const std::size_t taken = reply != nullptr ? s.unread - left : s.unread;
  if (taken > s.limits.bytes) {
    s.broken = make_error(Errc::too_large,
                          "a reply is longer than " + std::to_string(s.limits.bytes) + " bytes");
    return *s.broken;
  }
  if (reply == nullptr) {
    return std::optional<RespReply>();
  }
  s.unread = left;
  s.budget.left = s.limits.elements;
  return std::optional<RespReply>(std::move(*reply));
}

}  // namespace orama::resp
